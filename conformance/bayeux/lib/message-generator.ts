import type { RandomSource } from './random-source.ts';

/**
 * Messages as JSON text, field by field, so that what no object can hold (a key twice, `__proto__`) is sent too.
 * About a third are valid; the rest are valid ones spoiled in one or several ways, or nothing like a message at all.
 */
export function generateMessage(random: RandomSource, clientIds: readonly string[]): string {
  if (random.chance(0.04)) return random.pick(junk);
  const fields = validFields(random, clientIds);
  let spoils = random.chance(0.35) ? 0 : 1 + random.int(3);
  for (; spoils > 0; spoils -= 1) spoil(fields, random);
  return `{${fields.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join()}}`;
}

type Field = [key: string, json: string];

const deep = `${'['.repeat(400)}${']'.repeat(400)}`;
const junk = [
  'null',
  'true',
  '0',
  '-1',
  '""',
  '"/meta/connect"',
  '[]',
  '{}',
  '[{}]',
  '[[[]]]',
  deep,
  '1e308',
];

const channels = ['/a', '/a/b', '/a/b/c', '/b/*', '/chat/1', '/chat/2', '/service/echo', '/service/none'];
const subscriptions = [...channels, '/a/*', '/a/**', '/**', '/*', '/chat/*'];

const hostileStrings = [
  '',
  '/',
  '//',
  '///',
  '/a//b',
  '/a/',
  '/a/*/b',
  '/a/**/b',
  '/***',
  '/meta',
  '/meta/',
  '/meta/foo',
  '/meta/*',
  '/meta/handshake/x',
  '/META/CONNECT',
  '/service',
  '/service/**',
  '/__proto__',
  '/constructor/prototype',
  '__proto__',
  'toString',
  '/{var}',
  '/a b',
  '/a\u0000b',
  '/\u2028',
  '/☃/💬',
  '\ud800',
  '/a/../../etc/passwd',
  '/' + 'x'.repeat(3_000),
  '/' + 'a/'.repeat(600),
  '"</script>',
  '-1',
  'NaN',
];

const hostileJson = [
  'null',
  'true',
  'false',
  '0',
  '-1',
  '1.5',
  '1e308',
  '-1e400',
  '99999999999999999999',
  '{}',
  '[]',
  '[null]',
  '[[]]',
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"toString":null,"valueOf":1}',
  '"\\ud800"',
  '["/a","/a","/**",""]',
  '["/a",null,{}]',
  deep,
];

const keys = [
  'channel',
  'clientId',
  'id',
  'data',
  'ext',
  'advice',
  'subscription',
  'connectionType',
  'successful',
];
const moreKeys = [
  ...keys,
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'error',
  'timestamp',
  'version',
  '',
  'x',
];

function validFields(random: RandomSource, clientIds: readonly string[]): Field[] {
  const fields: Field[] = [];
  if (random.chance(0.8)) fields.push(['id', random.pick(['"1"', '"42"', '"abc"', '7', '"99999999"'])]);
  const clientId = random.chance(0.9) && clientIds.length > 0 ? random.pick(clientIds) : 'nobody';
  fields.push(['clientId', JSON.stringify(clientId)]);
  switch (random.pick(['publish', 'publish', 'publish', 'subscribe', 'unsubscribe', 'connect', 'rare'])) {
    case 'publish':
      return [...fields, ['channel', JSON.stringify(random.pick(channels))], ['data', random.pick(payloads)]];
    case 'subscribe':
    case 'unsubscribe':
      return [
        ...fields,
        ['channel', random.chance(0.6) ? '"/meta/subscribe"' : '"/meta/unsubscribe"'],
        ['subscription', subscription(random)],
      ];
    case 'connect':
      return [
        ...fields,
        ['channel', '"/meta/connect"'],
        ['connectionType', random.pick(['"long-polling"', '"websocket"'])],
        ['advice', random.chance(0.7) ? '{"timeout":0}' : '{"timeout":30,"interval":10}'],
        ['ext', random.pick(exts)],
      ];
    default:
      return random.chance(0.5) ? handshakeFields(random) : [...fields, ['channel', '"/meta/disconnect"']];
  }
}

const payloads = ['"text"', '{"text":"☃ 💬"}', '1', 'null', '{"a":{"b":[1,2,3]}}', `"${'x'.repeat(500)}"`];
const exts = [
  '{}',
  '{"ack":0}',
  '{"ack":true}',
  '{"ack":99}',
  '{"ack":-1}',
  '{"timesync":{"tc":1,"l":0,"o":0}}',
];

function handshakeFields(random: RandomSource): Field[] {
  return [
    ['channel', '"/meta/handshake"'],
    ['version', '"1.0"'],
    [
      'supportedConnectionTypes',
      random.pick(['["websocket","long-polling"]', '["long-polling"]', '["smoke"]']),
    ],
    ['ext', random.pick(exts)],
    ['id', '"1"'],
  ];
}

function subscription(random: RandomSource): string {
  if (random.chance(0.7)) return JSON.stringify(random.pick(subscriptions));
  return JSON.stringify(Array.from({ length: random.int(5) }, () => random.pick(subscriptions)));
}

function spoil(fields: Field[], random: RandomSource): void {
  const at = random.int(fields.length);
  switch (random.int(5)) {
    case 0:
      fields.splice(at, 1);
      break;
    case 1:
      fields.splice(at, 1, [fields[at]?.[0] ?? 'x', JSON.stringify(random.pick(hostileStrings))]);
      break;
    case 2:
      fields.splice(at, 1, [fields[at]?.[0] ?? 'x', random.pick(hostileJson)]);
      break;
    case 3:
      fields.push([random.pick(moreKeys), random.pick(hostileJson)]);
      break;
    default:
      fields.push([random.pick(keys), JSON.stringify(random.pick(hostileStrings))]);
  }
}
