import { mountPath } from './engine-calls.ts';
import type { RandomSource } from './random-source.ts';
import type { RawRequest } from './raw-http.ts';
import { frameBytes } from './raw-websocket.ts';

const publish = '[{"channel":"/a","clientId":"nobody","id":"1","data":{"text":"☃ 💬 plain"}}]';
const handshake =
  '[{"channel":"/meta/handshake","version":"1.0","supportedConnectionTypes":["websocket","long-polling"],"id":"1"}]';

/** A request, and the one status it may be answered with where there is only one. */
export type BrokenRequest = RawRequest & { onlyStatus?: number };

/** Requests that HTTP can carry and Bayeux cannot: bodies, methods, paths and headers that are wrong. */
export function brokenRequest(
  random: RandomSource,
  limits: { bodyBytes: number; messages: number },
): BrokenRequest {
  const whole = Buffer.from(random.pick([publish, handshake]));
  switch (random.int(12)) {
    case 0:
      return { body: whole.subarray(0, random.int(whole.length)) };
    case 1:
      return { body: random.bytes(random.int(400)) };
    case 2:
      return { body: flipped(whole, random) };
    case 3:
      return {
        body: Buffer.concat([
          whole,
          random.pick([whole, Buffer.from(']'), Buffer.from('\0'), random.bytes(5)]),
        ]),
      };
    case 4:
      return { body: random.pick(oddBodies) };
    case 5:
      return { body: `${'['.repeat(1 + random.int(20_000))}` };
    case 6:
      return { body: `[${Array.from({ length: limits.messages + 1 }, () => '{}').join()}]`, onlyStatus: 413 };
    case 7:
      return random.chance(0.1)
        ? { body: 'x'.repeat(limits.bodyBytes + 1 + random.int(1_000)), onlyStatus: 413 }
        : { body: '[]' };
    case 8:
      return { method: random.pick(['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS']), body: '' };
    case 9:
      return { path: mountPath + random.pick(oddSuffixes), body: whole };
    case 10:
      return { headers: random.pick(oddHeaders), body: whole };
    default:
      return {
        headers: { 'Content-Type': random.pick(oddTypes) },
        body: `message=${encodeURIComponent(publish)}`,
      };
  }
}

const oddBodies: (string | Buffer)[] = [
  '',
  ' ',
  '\ufeff[]',
  '[]',
  '{}',
  'null',
  'true',
  '"text"',
  '1e999',
  '[,]',
  '[{]',
  "[{'channel':'/a'}]",
  '{"channel":"/meta/connect"',
  '[{"channel":"\\u"}]',
  '[{"channel":"/a","data":NaN}]',
  Buffer.from([0xff, 0xfe, 0x5b, 0x00, 0x5d, 0x00]),
  Buffer.from([0x5b, 0x22, 0xc3, 0x28, 0x22, 0x5d]),
  Buffer.from([0x5b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x5d]),
];

const oddSuffixes = [
  '?',
  '?jsonp=alert(1)',
  '?jsonp=cb&message=%5B%5D',
  '?message=%ZZ',
  '/../../etc/passwd',
  '/%00',
  '/%ff%fe',
  '//',
  ';x=y',
  `/${'a'.repeat(4_000)}`,
  `?${'a=b&'.repeat(800)}`,
];

const oddHeaders: Record<string, string>[] = [
  { Cookie: 'BAYEUX_BROWSER=' },
  { Cookie: `BAYEUX_BROWSER=${'x'.repeat(3_000)}` },
  { Cookie: 'BAYEUX_BROWSER=a; BAYEUX_BROWSER=b;;; =; x' },
  { Cookie: '__proto__=1; constructor=2; %=%' },
  { Origin: 'null' },
  { Origin: 'http://evil.example' },
  { Origin: 'not an origin' },
  { Host: '' },
  { Host: 'a:b:c' },
  { 'Content-Encoding': 'gzip' },
  { Expect: '100-continue' },
  { 'X-Forwarded-For': '"><script>' },
];

const oddTypes = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=',
  '/',
  'application/json; charset=utf-16',
];

/** Bytes that are not even HTTP, or HTTP that stops in the middle. */
export function brokenBytes(random: RandomSource): (string | Buffer)[] {
  const head = `POST ${mountPath} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
  switch (random.int(9)) {
    case 0:
      return [random.bytes(1 + random.int(300))];
    case 1:
      return [head];
    case 2:
      return [`${head}Content-Length: 1000\r\n\r\n[{"channel"`];
    case 3:
      return [`${head}Content-Length: -5\r\n\r\n${publish}`];
    case 4:
      return [`${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n${publish}\r\n0\r\n\r\n`];
    case 5:
      return [`${head}Transfer-Encoding: chunked\r\n\r\n5\r\n[{"ch`];
    case 6:
      return [`${head}Content-Length: 4\r\nContent-Length: 9\r\n\r\nnull`];
    case 7:
      return [`${head}X: ${'y'.repeat(20_000)}\r\n\r\n`];
    default:
      return [
        `GET ${mountPath} HTTP/1.1\r\nHost: x\r\nUpgrade: ${random.pick(['websocket', 'h2c', ''])}\r\nConnection: Upgrade\r\n\r\n`,
      ];
  }
}

/** Frames that a WebSocket server must refuse, ignore or answer, one or several at a time. */
export function brokenFrames(random: RandomSource, bodyBytes: number): Buffer {
  const payload = random.pick([publish, handshake]);
  switch (random.int(16)) {
    case 0:
      return frameBytes({ payload, opcode: random.pick([3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) });
    case 1:
      return frameBytes({ payload, reserved: 1 + random.int(7) });
    case 2:
      return frameBytes({ payload, masked: false });
    case 3:
      return frameBytes({ payload: Buffer.from([0x5b, 0x22, 0xc3, 0x28, 0x22, 0x5d]) });
    case 4:
      return frameBytes({
        payload,
        claimedLength: random.pick([0x7fff_ffff_ffff_ffffn, 0xffff_ffff_ffff_ffffn, 70_000n]),
      });
    case 5:
      return frameBytes({ payload: 'x'.repeat(126 + random.int(100)), opcode: random.pick([8, 9, 10]) });
    case 6:
      return frameBytes({ payload, opcode: 9, fin: false });
    case 7:
      return frameBytes({ payload, opcode: 0 });
    case 8:
      return Buffer.concat([frameBytes({ payload, fin: false }), frameBytes({ payload, fin: false })]);
    case 9:
      return frameBytes({ payload: Buffer.from([random.int(256), random.int(256), 0xff]), opcode: 8 });
    case 10:
      return frameBytes({ payload, opcode: 2 });
    case 11:
      return frameBytes({ payload: random.pick(oddBodies) });
    case 12:
      return frameBytes({ payload: random.bytes(random.int(300)) });
    case 13:
      return random.bytes(1 + random.int(300));
    case 14:
      return random.chance(0.1)
        ? frameBytes({ payload: 'x'.repeat(bodyBytes + 1) })
        : frameBytes({ payload: '' });
    default:
      return frameBytes({ payload: flipped(Buffer.from(payload), random) });
  }
}

/** A copy with a few bytes changed. */
function flipped(bytes: Buffer, random: RandomSource): Buffer {
  const copy = Buffer.from(bytes);
  for (let left = 1 + random.int(4); left > 0; left -= 1) copy[random.int(copy.length)] = random.int(256);
  return copy;
}
