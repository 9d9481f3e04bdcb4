import { customerForms } from '@parley/contract/gms/requests.ts';
import { customerOperations } from '@parley/contract/gms/push.ts';
import { routes, type Route } from '@parley/contract/routes.ts';
import { pick, type Random } from '@parley/server/routing/seeded-random.ts';
import type Type from 'typebox';
import type { HostileAnswer } from './answers.ts';
import { garbageBody, hostileJson, hostileText } from './hostile-values.ts';
import { upload } from './uploads.ts';

/** A request that nobody in their right mind sends. */
export interface Attack {
  readonly way: HostileAnswer['way'];
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What is right: so that attacks come further than the first check. */
export interface Known {
  readonly chats: readonly { readonly chatId: string; readonly secureKey: string }[];
  /** Secret ids of chats of `/api/v2/chats`. */
  readonly secrets: readonly string[];
  readonly userIds: readonly string[];
  readonly clientId: string;
  readonly pushCookie: string;
  /** `Authorization` headers of agents. */
  readonly agents: readonly string[];
}

const all = Object.values(routes) as readonly Route[];
const types = [
  'application/json',
  'application/x-www-form-urlencoded',
  'text/plain',
  'application/json; charset=utf-16',
];
const strangeTypes = [
  '',
  'application/xml',
  'multipart/form-data',
  'multipart/form-data; boundary=',
  'a/b; charset=x',
  '*/*',
];

/** A right value for a field or a parameter of this name; undefined when there is none known. */
function right(random: Random, known: Known, name: string): string | undefined {
  const chat = pick(random, known.chats);
  const values: Readonly<Record<string, string>> = {
    ...{ chatId: chat.chatId, id: chat.chatId, secureKey: chat.secureKey, service: 'customer-support' },
    ...{
      userId: pick(random, known.userIds),
      channel: 'chat',
      name: 'crm',
      fileId: '1',
      group: 'agent-states',
    },
    ...{
      nickname: 'Nobody',
      message: 'Hello',
      text: 'Hello',
      transcriptPosition: '1',
      fields: '*',
      limit: '10',
    },
    ...{ pushUrl: 'https://example.com/', queue: 'support', state: 'Dead', offset: '0', subresources: '*' },
    ...{
      noticeText: 'a notice',
      disposition: 'Resolved',
      operation: 'fileGetLimits',
      emailAddress: 'a@b.ee',
    },
  };
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

/** A field's value as JSON text; mostly right where something right is known. */
function field(random: Random, known: Known, name: string): string {
  const value = random() < 0.6 ? right(random, known, name) : undefined;
  if (value !== undefined) return JSON.stringify(value);
  if (name === 'userData') return `{${JSON.stringify(hostileText(random))}:${hostileJson(random)}}`;
  return hostileJson(random);
}

function jsonBody(random: Random, known: Known, schema: Type.TObject, more: readonly string[] = []): string {
  const fields = Object.keys(schema.properties).flatMap((name) =>
    random() < 0.85 ? [`${JSON.stringify(name)}:${field(random, known, name)}`] : [],
  );
  if (random() < 0.1) fields.push(`${JSON.stringify(hostileText(random))}:${hostileJson(random)}`);
  return `{${[...more, ...fields].join(',')}}`;
}

function formBody(random: Random, known: Known, schema: Type.TObject): string {
  const fields = Object.keys(schema.properties).flatMap((name) => {
    if (random() > 0.85) return [];
    if (name === 'userData')
      return `userData[${encodeURIComponent(hostileText(random).toWellFormed())}]=${encodeURIComponent(hostileText(random).toWellFormed())}`;
    const value = (random() < 0.6 ? right(random, known, name) : undefined) ?? hostileText(random);
    return `${name}=${random() < 0.1 ? value : encodeURIComponent(value.toWellFormed())}`;
  });
  return fields.join('&');
}

function pathOf(random: Random, known: Known, route: Route): string {
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
    const secret = name === 'id' && route.auth === 'chatId' ? pick(random, known.secrets) : undefined;
    const value = random() < 0.75 ? (secret ?? right(random, known, name)) : undefined;
    return encodeURIComponent((value ?? hostileText(random).slice(0, 4000)).toWellFormed());
  });
  const query = Object.keys(route.query?.properties ?? {}).flatMap((name) => {
    if (random() < 0.4) return [];
    const value =
      (random() < 0.5 ? right(random, known, name) : undefined) ?? hostileText(random).slice(0, 3000);
    return `${name}=${encodeURIComponent(value.toWellFormed())}`;
  });
  return query.length > 0 ? `${path}?${query.join('&')}` : path;
}

function bodyOf(random: Random, known: Known, route: Route): Buffer {
  if (route.method === 'GET') return Buffer.alloc(0);
  if (random() < 0.04) return garbageBody(random);
  let text = random() < 0.5 ? '' : hostileJson(random);
  if (route.operations) {
    const [name, operation] = pick(random, Object.entries(route.operations));
    const named = random() < 0.9 ? JSON.stringify(name) : hostileJson(random);
    text = jsonBody(random, known, operation.parameters, [`"operationName":${named}`]);
  } else if (route.body) text = jsonBody(random, known, route.body);
  else if (route.form) {
    const schema = customerForms[route.form] as Type.TObject;
    text = random() < 0.5 ? formBody(random, known, schema) : jsonBody(random, known, schema);
  }
  const bytes = Buffer.from(text);
  return random() < 0.03 ? bytes.subarray(0, Math.floor(bytes.length * random())) : bytes;
}

function headersOf(random: Random, known: Known): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': pick(random, random() < 0.9 ? types : strangeTypes),
  };
  if (random() < 0.85) headers['authorization'] = pick(random, known.agents);
  else if (random() < 0.5) headers['authorization'] = `Basic ${printable(hostileText(random))}`;
  const name = pick(random, [
    ...[
      'idempotency-key',
      'cookie',
      'origin',
      'x-csrf-token',
      'content-encoding',
      'x-forwarded-for',
      'range',
    ],
    ...['accept', 'access-control-request-method', 'if-none-match', 'expect', 'x-http-method-override'],
  ]);
  if (random() < 0.3 && name !== 'expect') headers[name] = printable(hostileText(random)).slice(0, 6000);
  if (random() < 0.02) headers['content-encoding'] = pick(random, ['gzip', 'br', 'deflate']);
  return headers;
}

/** What a header may hold; what it may not is sent as bytes (`byte-attacks.ts`). */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').trim();
}

function wayOf({ path }: Route): Attack['way'] {
  if (path.startsWith('/genesys/')) return 'customer';
  return path.startsWith('/api/') ? 'api' : 'other';
}

function routeAttack(random: Random, known: Known): Attack {
  const route = pick(random, all);
  const headers = headersOf(random, known);
  const method = random() < 0.97 ? route.method : pick(random, ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'GET']);
  const path = pathOf(random, known, route);
  // Without one of its segments a path is nobody's: then it is the agent API that says so.
  const itsWay = path.includes('//') ? 'api' : wayOf(route);
  const given = { way: method === route.method ? itsWay : ('other' as const), method, path, headers };
  if (route.stream === 'upload' || random() < 0.02) {
    const { contentType, body } = upload(random, pick(random, known.chats).secureKey);
    return { ...given, headers: { ...headers, 'content-type': contentType }, body };
  }
  return { ...given, body: bodyOf(random, known, route) };
}

const channels = [
  ...[
    '/meta/handshake',
    '/meta/connect',
    '/meta/subscribe',
    '/meta/unsubscribe',
    '/meta/disconnect',
    '/meta/x',
  ],
  ...['/service/chatV2/customer-support', '/v2/me/chats', '/**', '/service/x', '', '/', '//', '/meta'],
];

function pushAttack(random: Random, known: Known): Attack {
  const messages = Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
    const operation = pick(random, Object.keys(customerOperations) as (keyof typeof customerOperations)[]);
    const schema = customerForms[customerOperations[operation]] as Type.TObject;
    const data = jsonBody(random, known, schema, [
      `"operation":${random() < 0.9 ? JSON.stringify(operation) : hostileJson(random)}`,
    ]);
    const clientId = random() < 0.8 ? JSON.stringify(known.clientId) : hostileJson(random);
    // The session is for others too.
    const channel = pick(
      random,
      channels.filter((one) => one !== '/meta/disconnect' || clientId.length < 20),
    );
    const shown = random() < 0.9 ? JSON.stringify(channel) : hostileJson(random);
    const fields = [`"channel":${shown}`, `"clientId":${clientId}`, `"data":${data}`];
    for (const name of [
      'id',
      'ext',
      'advice',
      'subscription',
      'connectionType',
      'version',
      'supportedConnectionTypes',
    ])
      if (random() < 0.3) fields.push(`"${name}":${hostileJson(random)}`);
    return `{${fields.join(',')}}`;
  });
  const body = random() < 0.05 ? garbageBody(random) : Buffer.from(`[${messages.join(',')}]`);
  const path = pick(random, ['/genesys/cometd', '/genesys/cometd/connect', '/api/v2/notifications']);
  const headers = { ...headersOf(random, known), cookie: known.pushCookie };
  return { way: 'push', method: 'POST', path, headers, body };
}

/** The next request of a run; the same seed gives the same. */
export function nextAttack(random: Random, known: Known): Attack {
  return random() < 0.8 ? routeAttack(random, known) : pushAttack(random, known);
}
