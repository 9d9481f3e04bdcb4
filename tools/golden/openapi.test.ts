import { describe, expect, it } from 'vitest';
import { Check } from 'typebox/value';
import Type from 'typebox';
import { refusals } from '@parley/contract/refusals.ts';
import { routes, type Route } from '@parley/contract/routes.ts';
import { asyncApi } from './asyncapi.ts';
import { ComponentSchemas, type JsonObject } from './component-schemas.ts';
import { openApi } from './openapi.ts';
import { danglingReferences } from './references.ts';
import { statusCodes } from './status-codes.ts';

const Reference = Type.Object({ $ref: Type.String() }, { additionalProperties: false });
const Content = Type.Record(Type.String(), Type.Object({ schema: Type.Unknown() }));
const Parameter = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    in: Type.Enum(['path', 'query', 'header']),
    required: Type.Boolean(),
    schema: Type.Unknown(),
  },
  { additionalProperties: false },
);
/** The part of the OpenAPI 3.1 operation object that is in use here; nothing else may appear. */
const OpenApiOperation = Type.Object(
  {
    operationId: Type.String(),
    summary: Type.String(),
    description: Type.Optional(Type.String()),
    tags: Type.Array(Type.String(), { minItems: 1 }),
    security: Type.Array(Type.Record(Type.String(), Type.Array(Type.String()))),
    parameters: Type.Array(Parameter),
    requestBody: Type.Optional(Type.Object({ required: Type.Literal(true), content: Content })),
    responses: Type.Record(
      Type.String({ pattern: String.raw`^[1-5]\d\d$` }),
      Type.Union([Reference, Type.Object({ description: Type.String(), content: Content })]),
    ),
  },
  { additionalProperties: false },
);

const document = openApi();
const paths = document['paths'] as { readonly [path: string]: { readonly [method: string]: JsonObject } };
const written = Object.entries(paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
);

describe('openapi.json', () => {
  it('has every route of the contract and no other', () => {
    const expected = Object.entries<Route>(routes).map(
      ([key, { method, path }]) => `${key} ${method} ${path}`,
    );
    const found = written.map(
      ({ path, method, operation }) => `${operation['operationId']} ${method.toUpperCase()} ${path}`,
    );
    expect(found.toSorted()).toEqual(expected.toSorted());
  });

  it.each(written)('has a well-formed operation at $method $path', ({ path, operation }) => {
    expect(Check(OpenApiOperation, operation)).toBe(true);
    const parameters = operation['parameters'] as { name: string; in: string }[];
    const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
    expect(inPath).toEqual(path.match(/\{\w+\}/g) ?? []);
  });

  it('refers to nothing that is not there', () => {
    expect(danglingReferences(document)).toEqual([]);
  });

  it('names its components as OpenAPI allows', () => {
    const components = document['components'] as { readonly [kind: string]: JsonObject };
    const names = Object.values(components).flatMap((component) => Object.keys(component));
    expect(names.filter((name) => !/^[a-zA-Z0-9._-]+$/.test(name))).toEqual([]);
  });

  it('offers every operation of a resource', () => {
    const post = JSON.stringify(paths['/api/v2/me/chats/{id}']?.['post']);
    for (const name of ['Accept', 'Reject', 'SendMessage', 'Leave', 'Complete', 'Transfer', 'InFocus'])
      expect(post).toContain(`#/components/schemas/operateMyChat.${name}"`);
  });
});

describe('asyncapi.json', () => {
  const asyncDocument = asyncApi();

  it('refers to nothing that is not there', () => {
    expect(danglingReferences(asyncDocument)).toEqual([]);
  });

  it('has the topics with what is sent on them', () => {
    const channels = asyncDocument['channels'] as { readonly [name: string]: JsonObject };
    expect(Object.keys(channels['v2.me.chats']?.['messages'] as JsonObject)).toEqual([
      'ChatStateChangeMessage',
      'MessageLogUpdated',
      'ChatErrorMessage',
    ]);
    expect(channels['v2.me.channels']).toMatchObject({ address: '/v2/me/channels' });
  });

  it('uses every channel in an operation that sends or receives its messages', () => {
    const operations = Object.values(asyncDocument['operations'] as { readonly [name: string]: JsonObject });
    const used = new Set(operations.map((operation) => (operation['channel'] as JsonObject)['$ref']));
    expect([...used]).toEqual(
      Object.keys(asyncDocument['channels'] as JsonObject).map((name) => `#/channels/${name}`),
    );
    expect(operations.every(({ action }) => action === 'send' || action === 'receive')).toBe(true);
  });
});

describe('docs/status-codes.md', () => {
  it.each(Object.entries(refusals))('has a row for %s', (name, row) => {
    const lines = statusCodes().split('\n');
    const found = lines.filter((line) => line.includes(`| ${name} |`));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`| ${row.statusCode} | ${row.httpStatus} |`);
  });
});

describe('the gathering of schemas', () => {
  it('refuses two schemas of one name', () => {
    const schemas = new ComponentSchemas();
    schemas.place({ title: 'Chat', type: 'object' });
    expect(() => schemas.place({ title: 'Chat', type: 'string' })).toThrow(
      'two different schemas are called Chat',
    );
  });

  it('finds a reference that points nowhere', () => {
    const broken = { a: [{ $ref: '#/components/schemas/Missing' }], components: { schemas: {} } };
    expect(danglingReferences(broken)).toEqual(['#/components/schemas/Missing']);
  });
});
