/** Valid inputs of every reader of bytes, to be changed by `mutated`. */

export interface Request {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export const formType = 'application/x-www-form-urlencoded';
export const jsonType = 'application/json';

/** A request as it stands on the wire, with the length of its body. */
export function httpBytes({ method = 'POST', path, headers = {}, body = '' }: Request): Buffer {
  const bytes = Buffer.from(body);
  const length = method === 'GET' ? {} : { 'Content-Length': String(bytes.length) };
  const lines = Object.entries({ Host: 'localhost', ...headers, ...length }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`), bytes]);
}

export interface KnownToServer {
  readonly cookie: string;
  readonly chatId: string;
  readonly secureKey: string;
  readonly userId: string;
}

/** Requests to all doors of the whole server. */
export function requests({ cookie, chatId, secureKey, userId }: KnownToServer): readonly Request[] {
  const agent = { Cookie: cookie, 'Content-Type': jsonType };
  const form = { 'Content-Type': formType };
  const me = (operation: object, path = '/api/v2/me'): Request => ({
    ...{ path, headers: agent, body: JSON.stringify(operation) },
  });
  const chat = `/genesys/2/chat/customer-support/${chatId}`;
  const key = `userId=${userId}&secureKey=${secureKey}&alias=1`;
  return [
    { method: 'GET', path: '/health' },
    { method: 'GET', path: '/api/v2/me?subresources=*', headers: agent },
    { method: 'GET', path: '/api/v2/me/chats?fields=*&limit=10', headers: agent },
    { method: 'GET', path: '/api/v2/contacts?name=Anna&limit=5&order=Ascending', headers: agent },
    { method: 'OPTIONS', path: '/api/v2/me', headers: { Origin: 'https://example.com' } },
    me({ operationName: 'StartContactCenterSession', channels: ['chat'] }),
    me({ operationName: 'Ready' }),
    me({ operationName: 'NotReady', channel: 'chat' }, '/api/v2/me/channels/chat'),
    me({ operationName: 'Accept', nickname: 'Marat' }, `/api/v2/me/chats/${chatId}`),
    me({ operationName: 'SendMessage', text: 'Hällo 👋', messageType: 'text' }, `/api/v2/me/chats/${chatId}`),
    me({ operationName: 'AttachUserData', userData: { a: '1', b: { c: 2 } } }, `/api/v2/me/chats/${chatId}`),
    me({ firstName: 'Anna', emailAddress: 'anna@example.org' }, '/api/v2/contacts'),
    me({ operationName: 'RequestChat', nickname: 'A', service: 'customer-support' }, '/api/v2/chats'),
    {
      path: '/genesys/2/chat/customer-support',
      headers: form,
      body: 'nickname=Ann&subject=a+b&userData[k]=v',
    },
    { path: `${chat}/send`, headers: form, body: `${key}&message=Hello%20there&messageType=text` },
    { path: `${chat}/refresh`, headers: form, body: `${key}&transcriptPosition=1` },
    { path: `${chat}/startTyping`, headers: form, body: `${key}&message=Hel` },
    { path: `${chat}/pushUrl`, headers: form, body: `${key}&pushUrl=https://example.com/?a=b&c=d` },
    { path: `${chat}/updateNickname`, headers: form, body: `${key}&nickname=Anna` },
    {
      path: `${chat}/send`,
      headers: { 'Content-Type': jsonType, 'Idempotency-Key': 'k1' },
      body: JSON.stringify({ userId, secureKey, alias: '1', message: 'Hello' }),
    },
    { path: '/genesys/cometd', headers: { 'Content-Type': jsonType }, body: bayeuxTexts('none')[0] ?? '' },
    { method: 'GET', path: '/genesys/cometd', headers: upgrade },
  ];
}

export const upgrade = {
  ...{ Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Version': '13' },
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

/** Batches of Bayeux messages of a session. */
export function bayeuxTexts(clientId: string): readonly string[] {
  const message = (channel: string, fields: object = {}): object => ({
    id: '1',
    channel,
    clientId,
    ...fields,
  });
  const batches: readonly (readonly object[])[] = [
    [
      {
        ...{
          id: '1',
          channel: '/meta/handshake',
          version: '1.0',
          minimumVersion: '0.9',
          advice: { timeout: 0 },
        },
        ...{
          supportedConnectionTypes: ['websocket', 'long-polling', 'callback-polling'],
          ext: { ack: true },
        },
      },
    ],
    [message('/meta/connect', { connectionType: 'long-polling', advice: { timeout: 0 }, ext: { ack: 3 } })],
    [message('/meta/subscribe', { subscription: '/a/*' })],
    [message('/meta/subscribe', { subscription: ['/a/b', '/c/**'], ext: { replay: { '/a/b': 1 } } })],
    [message('/meta/unsubscribe', { subscription: '/a/*' })],
    [message('/a/b', { data: { text: 'Hällo', deep: [[{ a: null }], 1.5e3, '\u2028'] } })],
    [message('/service/echo', { data: 'echo' }), message('/service/none', { data: {} })],
    [message('/meta/connect', { connectionType: 'websocket', ext: { timesync: { tc: 1, l: 2, o: 3 } } })],
    [message('/meta/disconnect')],
  ];
  return [...batches, batches.slice(1, 6).flat()].map((batch) => JSON.stringify(batch));
}

/** Frames of a WebSocket as a client sends them: masked, with any opcode, whole or as a part (RFC 6455 §5.2). */
export function frame(payload: string | Buffer, opcode = 1, isLast = true): Buffer {
  const bytes = Buffer.from(payload);
  const length =
    bytes.length < 126 ? [0x80 | bytes.length] : [0x80 | 126, bytes.length >> 8, bytes.length & 0xff];
  const mask = [0x12, 0x34, 0x56, 0x78] as const;
  const hidden = bytes.map((byte, at) => byte ^ (mask[at % 4] ?? 0));
  return Buffer.concat([Buffer.from([(isLast ? 0x80 : 0) | opcode, ...length, ...mask]), hidden]);
}

/** What comes over a WebSocket after the upgrade. */
export function frameStreams(clientId: string): readonly Buffer[] {
  const texts = bayeuxTexts(clientId).map((text) => frame(text));
  const [first = '', second = ''] = bayeuxTexts(clientId);
  return [
    ...texts,
    Buffer.concat(texts.slice(0, 5)),
    Buffer.concat([frame(second.slice(0, 20), 1, false), frame('ping', 9), frame(second.slice(20), 0)]),
    Buffer.concat([frame(first), frame('', 10), frame(Buffer.from([0x03, 0xe8]), 8)]),
    frame(Buffer.from([0xff, 0x00, 0xc0]), 2),
    frame(JSON.stringify([{ channel: '/a', clientId, data: 'x'.repeat(2_000) }])),
  ];
}

export const boundary = 'parley-7d1f';

function part(head: string, body: string | Buffer): Buffer {
  const headers = `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`;
  return Buffer.concat([Buffer.from(headers), Buffer.from(body), Buffer.from('\r\n')]);
}

const end = Buffer.from(`--${boundary}--\r\n`);
const file = 'name="file"; filename="a.txt"\r\nContent-Type: text/plain';

/** Multipart forms, with a file and without. */
export const multipartBodies: readonly Buffer[] = [
  Buffer.concat([part('name="secureKey"', 'abc'), part(file, 'Hello, file'), end]),
  Buffer.concat([part(file, Buffer.alloc(5_000, 'x')), part('name="userData[k]"', 'v'), end]),
  Buffer.concat([part('name="operation"', 'fileUpload'), part('name="nickname"', 'Änne 👋'), end]),
  Buffer.concat([
    part(`name="file"; filename*=utf-8''%C3%A4.png\r\nContent-Type: image/png`, '\u0089PNG'),
    end,
  ]),
  Buffer.concat([
    part('name="file"\r\nContent-Type: application/octet-stream', Buffer.from([0, 255, 1])),
    end,
  ]),
  Buffer.concat([
    Buffer.from('preamble\r\n'),
    part('name="message"', '--parley\r\n--'),
    end,
    Buffer.from('tail'),
  ]),
];

/** Customers' bodies that are no multipart forms. */
export const formBodies: readonly Buffer[] = [
  'nickname=Ann&subject=a+b&emailAddress=ann%40example.org&userData[k]=v&userData["q"]=1&userData%5Bz%5D=%C3%A4',
  '&userId=007&secureKey=5f0e&alias=1&message=Hello%20there%21&messageType=text',
  'pushUrl=https://example.com/?a=b&c=d&userId=1&secureKey=2',
  'transcriptPosition=12&=&&x=',
  '{"nickname":"Ann","userData":{"a":"1","b":["2"]},"message":"H\\u00e4llo"}',
  '{"transcriptPosition":0,"userId":null,"deep":{"a":{"b":{"c":[1,2,{"d":true}]}}}}',
].map((text) => Buffer.from(text));
