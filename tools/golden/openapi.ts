import type { OperationTable } from '@parley/contract/gws/operations.ts';
import { CustomerFailure } from '@parley/contract/gms/replies.ts';
import { FailureReply } from '@parley/contract/gws/replies.ts';
import { IdempotencyKey, idempotencyKeyHeader, takesIdempotencyKey } from '@parley/contract/idempotency.ts';
import { refusals } from '@parley/contract/refusals.ts';
import { formOf, routes, type Route, type RouteKey } from '@parley/contract/routes.ts';
import { ComponentSchemas, type Json, type JsonObject } from './component-schemas.ts';
import { version } from './version.ts';

const description = [
  'Agents speak the Genesys Web Services chat API, customers the Genesys Mobile Services Chat API, version 2.',
  '',
  'Agents sign in with HTTP Basic; the reply sets the cookie `JSESSIONID`, which does for the requests that follow.',
  'Where protection against request forgery is switched on, every GET answers with `X-CSRF-HEADER` and',
  '`X-CSRF-TOKEN`, and a POST must carry the header that the first one names. What happens is told over CometD: see',
  'asyncapi.json. A customer proves their right to a chat with its `secureKey`.',
].join('\n');

const tags = [
  { name: 'me', description: 'The signed-in agent and their state.' },
  { name: 'chats', description: "The agent's chats." },
  { name: 'supervision', description: 'What supervisors do about other agents.' },
  { name: 'contacts', description: 'Contacts, the history of chats, transcripts.' },
  { name: 'settings', description: 'What the contact centre is set up with.' },
  { name: 'provisioning', description: 'Changing what the contact centre is set up with, and who did.' },
  { name: 'customer', description: "The customer's side of a chat." },
  { name: 'operation', description: 'For those who run the server.' },
];

/** The OpenAPI 3.1 description of every route in the contract. */
export function openApi(): JsonObject {
  const schemas = new ComponentSchemas();
  const paths: Record<string, Record<string, Json>> = {};
  for (const [key, route] of Object.entries<Route>(routes)) {
    const item = (paths[route.path] ??= {});
    item[route.method.toLowerCase()] = operationOf(key, route, schemas);
  }
  const responses = refusedResponses(schemas);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Parley',
      version,
      description,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'http://127.0.0.1:8080' }],
    tags,
    paths,
    components: {
      schemas: schemas.all(),
      responses,
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic' },
        session: { type: 'apiKey', in: 'cookie', name: 'JSESSIONID' },
      },
    },
  };
}

function operationOf(key: string, route: Route, schemas: ComponentSchemas): JsonObject {
  const requestBody = requestBodyOf(key, route, schemas);
  const needs = route.feature ? { description: `Needs the feature \`${route.feature}\`.` } : {};
  return {
    operationId: key,
    summary: route.summary,
    ...needs,
    tags: [route.tag],
    security: route.auth === 'agent' ? [{ basic: [] }, { session: [] }] : [],
    parameters: [...parametersOf(route, schemas), ...keyParameter(key, route, schemas)],
    ...(requestBody ? { requestBody } : {}),
    responses: { 200: okResponse(route, schemas), ...refusedReferences(key, route) },
  };
}

function parametersOf(route: Route, schemas: ComponentSchemas): Json[] {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name: name as string,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const query = route.query ? Object.entries<object>(route.query.properties) : [];
  const inQuery = query.map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema: schemas.place(schema),
  }));
  return [...inPath, ...inQuery];
}

function keyParameter(key: string, route: Route, schemas: ComponentSchemas): Json[] {
  if (!takesIdempotencyKey(key as RouteKey, route)) return [];
  const schema = schemas.place(IdempotencyKey);
  return [{ name: idempotencyKeyHeader, in: 'header', required: false, schema }];
}

function requestBodyOf(key: string, route: Route, schemas: ComponentSchemas): JsonObject | undefined {
  if (route.stream === 'upload' && !route.form) return { required: true, content: uploadContent({}) };
  const form = formOf(route);
  if (form && (route.stream === 'upload' || route.stream === 'both')) {
    const schema = schemas.place(form);
    const asForm = route.stream === 'both' ? { 'application/x-www-form-urlencoded': { schema } } : {};
    return { required: true, content: { ...uploadContent({ allOf: [schema] }), ...asForm } };
  }
  if (form) {
    const schema = schemas.place(form);
    const encoded = { schema, encoding: { userData: { style: 'deepObject', explode: true } } };
    const content = {
      'application/x-www-form-urlencoded': 'userData' in form.properties ? encoded : { schema },
      'multipart/form-data': { schema },
      'application/json': { schema },
    };
    return { required: true, content };
  }
  if (route.body) {
    const schema = schemas.place(route.body);
    return { required: true, content: { 'application/json': { schema } } };
  }
  if (!route.operations) return undefined;
  return { required: true, content: { 'application/json': { schema: anyOperation(key, route, schemas) } } };
}

function anyOperation(key: string, route: Route, schemas: ComponentSchemas): JsonObject {
  const { operations = {}, agentStates = false } = route;
  const oneOf = Object.keys(operations).map((name) => schemas.place(operationBody(key, name, operations)));
  if (agentStates) return { oneOf: [...oneOf, schemas.place(agentStateBody(key, operations))] };
  const mapping = Object.fromEntries(
    Object.keys(operations).map((name, at) => [name, oneOf[at]?.['$ref'] as Json]),
  );
  return { oneOf, discriminator: { propertyName: 'operationName', mapping } };
}

function operationBody(key: string, name: string, operations: OperationTable): object {
  const operation = operations[name];
  if (!operation) throw new Error(`${key} has no operation ${name}`);
  const { parameters, summary, exactlyOneOf } = operation;
  const required = parameters.required as readonly string[] | undefined;
  return {
    title: `${key}.${name}`,
    description: summary,
    type: 'object',
    required: ['operationName', ...(required ?? [])],
    properties: { operationName: { const: name }, ...parameters.properties },
    ...(exactlyOneOf ? { oneOf: exactlyOneOf.map((choice) => ({ required: [choice] })) } : {}),
  };
}

/** A multipart form with a file in it, beside the other fields. */
function uploadContent(fields: JsonObject): JsonObject {
  const file = { type: 'string', format: 'binary' };
  const properties = { file, ...('allOf' in fields ? {} : { description: { type: 'string' } }) };
  return { 'multipart/form-data': { schema: { type: 'object', properties, ...fields } } };
}

/** The bytes of a file: to be saved, whatever they are. */
const bytesContent = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } };

function agentStateBody(key: string, operations: OperationTable): object {
  return {
    title: `${key}.AgentState`,
    description: 'Goes into an agent state of the contact centre: see /api/v2/settings/agent-states.',
    type: 'object',
    required: ['operationName'],
    properties: {
      operationName: {
        type: 'string',
        not: { enum: Object.keys(operations) },
        examples: ['Ready', 'NotReady'],
      },
    },
  };
}

function okResponse(route: Route, schemas: ComponentSchemas): JsonObject {
  if (route.stream === 'download' && route.auth === 'agent')
    return { description: 'The bytes.', content: bytesContent };
  if (!route.reply)
    return { description: 'Done.', content: { 'text/plain': { schema: { type: 'string' } } } };
  const reply = schemas.place(route.reply);
  if (route.auth !== 'customer')
    return { description: 'Done.', content: { 'application/json': { schema: reply } } };
  const schema = { oneOf: [reply, schemas.place(CustomerFailure)] };
  const bytes = route.stream === 'download' || route.stream === 'both' ? bytesContent : {};
  const content = { 'application/json': { schema }, ...bytes };
  return { description: 'Done, or refused: see `statusCode`.', content };
}

/** The HTTP statuses by which a route of the agents' API refuses. */
function refusingStatuses(key: string, route: Route): ReadonlySet<number> {
  if (route.auth !== 'agent' && route.auth !== 'chatId') return new Set();
  const statuses = new Set([403, 429, 500, 503]);
  if (route.auth === 'chatId') statuses.add(404);
  if (route.operations || route.query || route.body || route.stream === 'upload') statuses.add(400);
  if (route.operations || route.body || route.stream === 'upload') statuses.add(413);
  if (route.feature === 'api-provisioning-write') statuses.add(409);
  if (route.path.includes('{')) statuses.add(404);
  if (takesIdempotencyKey(key as RouteKey, route)) statuses.add(422);
  return statuses;
}

function refusedReferences(key: string, route: Route): JsonObject {
  const statuses = [...refusingStatuses(key, route)].toSorted((a, b) => a - b);
  return Object.fromEntries(
    statuses.map((status) => [status, { $ref: `#/components/responses/Refused${status}` }]),
  );
}

function refusedResponses(schemas: ComponentSchemas): JsonObject {
  const content = { 'application/json': { schema: schemas.place(FailureReply) } };
  const statuses = [...new Set(Object.values(refusals).map(({ httpStatus }) => httpStatus))].toSorted(
    (a, b) => a - b,
  );
  return Object.fromEntries(
    statuses.map((status) => [`Refused${status}`, { description: reasonsFor(status), content }]),
  );
}

function reasonsFor(status: number): string {
  const rows = Object.entries(refusals).filter(([, row]) => row.httpStatus === status);
  return rows.map(([name, row]) => `${row.statusCode} ${name}: ${row.sentence}`).join('\n\n');
}
