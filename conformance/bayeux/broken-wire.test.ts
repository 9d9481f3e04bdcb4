import { afterEach, beforeEach, expect, test } from 'vitest';
import { brokenBytes, brokenFrames, brokenRequest } from './lib/broken-wire.ts';
import { EngineUnderTest } from './lib/engine-under-test.ts';
import { RandomSource } from './lib/random-source.ts';
import { RawHttp, sendBytes } from './lib/raw-http.ts';
import { RawWebSocket, frameBytes } from './lib/raw-websocket.ts';
import { readAnswer } from './lib/well-formed.ts';

// 10,000 HTTP bodies and frames that are wrong: each is answered, refused or cut off, nothing hangs, nothing is left.

const seed = Number(process.env['PARLEY_FUZZ_SEED'] ?? 20_260_101);
const limits = { bodyBytes: 20_000, messages: 20 };
const lanes = 16;
const requests = 6_000;
const rawRequests = 800;
const sockets = 3_200;
const heapSlackBytes = 3_000_000;
const refusals = [400, 403, 404, 405, 413, 415];

const nothing = {
  ...{
    sessions: 0,
    browsers: 0,
    principals: 0,
    subscribedChannels: 0,
    sockets: 0,
    timers: 0,
    connections: 0,
  },
  ...{ errors: [], hasGrown: false },
};

let engine: EngineUnderTest;

beforeEach(async () => {
  engine = await EngineUnderTest.start({
    timeoutMs: 200,
    maxIntervalMs: 500,
    maxBodyBytes: limits.bodyBytes,
    maxMessagesPerBatch: limits.messages,
    socketIdleMs: 2_000,
  });
});

afterEach(() => engine?.stop());

test(`${requests} broken requests, seed ${seed}`, { timeout: 60_000 }, async () => {
  const http = new RawHttp(engine.port);
  const lane = async (laneSeed: number, count: number): Promise<void> => {
    const random = new RandomSource(laneSeed);
    for (let left = count; left > 0; left -= 1) {
      const { onlyStatus, ...request } = brokenRequest(random, limits);
      const answer = await http.send(request);
      const told = `${JSON.stringify(request).slice(0, 300)} was answered ${answer.status} ${answer.body.slice(0, 200)}`;
      if (onlyStatus !== undefined && answer.status !== onlyStatus) throw new Error(told);
      if (answer.status === 200 && request.method === undefined) readAnswer(answer.body);
      else if (answer.status !== 204 && answer.status !== 200 && !refusals.includes(answer.status))
        throw new Error(told);
    }
  };
  await lane(seed, 1_000);
  const before = await forgotten();
  await Promise.all(Array.from({ length: lanes }, (_, index) => lane(seed + index, requests / lanes)));
  http.close();
  expect(await leftovers(before)).toEqual(nothing);
});

test(
  `${rawRequests} requests that are not HTTP or stop half-way, seed ${seed}`,
  { timeout: 60_000 },
  async () => {
    const lane = async (laneSeed: number, count: number): Promise<void> => {
      const random = new RandomSource(laneSeed);
      for (let left = count; left > 0; left -= 1) {
        const hangUp = random.chance(0.4);
        const answer = await sendBytes(engine.port, brokenBytes(random), { readMs: 60, hangUp });
        expect(answer === '' || answer.startsWith('HTTP/1.1 ')).toBe(true);
      }
    };
    await lane(seed, 50);
    const before = await forgotten();
    await Promise.all(Array.from({ length: lanes }, (_, index) => lane(seed + index, rawRequests / lanes)));
    expect(await leftovers(before)).toEqual(nothing);
  },
);

test(`${sockets} sockets with broken frames, seed ${seed}`, { timeout: 60_000 }, async () => {
  let refused = 0;
  const lane = async (laneSeed: number, count: number): Promise<void> => {
    const random = new RandomSource(laneSeed);
    for (let left = count; left > 0; left -= 1) {
      const socket = await RawWebSocket.open(engine.port);
      const bytes = brokenFrames(random, limits.bodyBytes);
      socket.send(bytes);
      // A whole message behind it: answered when the frame was harmless, not when the connection is lost to it.
      socket.send(frameBytes({ payload: '[{"channel":"/meta/unknown","id":"behind"}]' }));
      const isOver = (): boolean => socket.isClosed || socket.closeCode !== undefined;
      const isAnswered = (): boolean => socket.texts.some((text) => text.includes('behind'));
      await socket.until(() => isOver() || isAnswered(), 60);
      for (const text of socket.texts) readAnswer(text);
      if (isOver()) refused += 1;
      socket.destroy(random.chance(0.5));
    }
  };
  await lane(seed, 300);
  const before = await forgotten();
  await Promise.all(Array.from({ length: lanes }, (_, index) => lane(seed + index, sockets / lanes)));
  // Most of what is sent is against RFC 6455, and a server that accepts it is broken too.
  expect(refused).toBeGreaterThan(sockets * 0.5);
  expect(await leftovers(before)).toEqual(nothing);
});

test('a character split over two packets arrives whole', async () => {
  const body = Buffer.from('[{"channel":"/☃","id":"💬"}]');
  const head = `POST /cometd HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
  for (let at = 0; at <= body.length; at += 1) {
    const answer = await sendInTwo(head, body, at);
    expect(answer).toContain('"id":"💬"');
  }
});

async function sendInTwo(head: string, body: Buffer, at: number): Promise<string> {
  const pieces = [Buffer.concat([Buffer.from(head), body.subarray(0, at)]), body.subarray(at)];
  const answer = await sendBytes(engine.port, pieces, { readMs: 1_000, gap: true });
  return Buffer.from(answer, 'latin1').toString();
}

async function forgotten(): Promise<number> {
  await engine.until('the warm-up is forgotten', (counts) => counts.sessions === 0);
  return (await engine.call('memory', null)).heapUsed;
}

/** What is left when everything is closed and expired: counts, errors, and whether the heap has grown for good. */
async function leftovers(heapBefore: number): Promise<object> {
  await engine.until(
    'everything is closed and expired',
    (counts) => counts.sessions + counts.connections === 0,
  );
  const { errors } = await engine.call('troubles', null);
  const { heapUsed } = await engine.call('memory', null);
  const counts = await engine.call('counts', null);
  return { ...counts, errors, hasGrown: heapUsed - heapBefore > heapSlackBytes };
}
