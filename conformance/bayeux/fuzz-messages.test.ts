import { afterEach, beforeEach, expect, test } from 'vitest';
import { EngineUnderTest } from './lib/engine-under-test.ts';
import { generateMessage } from './lib/message-generator.ts';
import { RandomSource } from './lib/random-source.ts';
import { RawHttp } from './lib/raw-http.ts';
import { RawWebSocket, frameBytes } from './lib/raw-websocket.ts';
import { readAnswer } from './lib/well-formed.ts';
import type { Answer } from './lib/well-formed.ts';

// 100,000 generated messages: the engine stays up and at peace, forgets nothing it was given and keeps nothing it made,
// and every answer is well formed and belongs to its messages. PARLEY_FUZZ_SEED runs one seed again.

const seed = Number(process.env['PARLEY_FUZZ_SEED'] ?? 20_260_101);
const messagesOverHttp = 80_000;
const messagesOverWebSocket = 20_000;
const lanes = 16;
const holdMs = 40;
const heapSlackBytes = 3_000_000;

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
    timeoutMs: holdMs,
    maxIntervalMs: 800,
    trustClientId: true,
    maxMessagesPerBatch: 50,
    maxBodyBytes: 1_000_000,
  });
});

afterEach(() => engine.stop());

test(`messages over HTTP, seed ${seed}`, { timeout: 90_000 }, async () => {
  const http = new RawHttp(engine.port);
  const before = await warmed((count) => fuzzHttp(http, seed + 1, count));
  const sent = await Promise.all(
    Array.from({ length: lanes }, (_, lane) => fuzzHttp(http, seed + 100 + lane, messagesOverHttp / lanes)),
  );
  expect(sum(sent)).toBeGreaterThanOrEqual(messagesOverHttp);
  http.close();
  expect(await leftovers(before)).toEqual(nothing);
});

test(`messages over WebSocket, seed ${seed}`, { timeout: 90_000 }, async () => {
  const before = await warmed((count) => fuzzWebSocket(seed + 2, count));
  const sent = await Promise.all(
    Array.from({ length: lanes }, (_, lane) =>
      fuzzWebSocket(seed + 200 + lane, messagesOverWebSocket / lanes),
    ),
  );
  expect(sum(sent)).toBeGreaterThanOrEqual(messagesOverWebSocket);
  expect(await leftovers(before)).toEqual(nothing);
});

async function warmed(fuzz: (count: number) => Promise<number>): Promise<number> {
  await fuzz(3_000);
  await engine.until('the warm-up is forgotten', (counts) => counts.sessions === 0);
  return (await engine.call('memory', null)).heapUsed;
}

/** What is left when all sessions have expired: counts, errors, and whether the heap has grown for good. */
async function leftovers(heapBefore: number): Promise<object> {
  await engine.until('all sessions have expired', (counts) => counts.sessions + counts.connections === 0);
  const { errors } = await engine.call('troubles', null);
  const { heapUsed } = await engine.call('memory', null);
  const counts = await engine.call('counts', null);
  return { ...counts, errors, hasGrown: heapUsed - heapBefore > heapSlackBytes };
}

async function fuzzHttp(http: RawHttp, laneSeed: number, count: number): Promise<number> {
  const random = new RandomSource(laneSeed);
  const clientIds: string[] = [];
  let sent = 0;
  while (sent < count) {
    if (clientIds.length < 3) clientIds.push(await handshake(http));
    const texts = batch(random, clientIds);
    const isBare = texts.length === 1 && texts[0]?.startsWith('{') && random.chance(0.3);
    const body = isBare === true ? (texts[0] as string) : `[${texts.join()}]`;
    const path = `/cometd${random.pick(['', '/', '/connect', '/handshake', '/x/y', '/subscribe'])}`;
    const answer = await http.send({ body, path });
    sent += texts.length;
    // A connect that a newer one of the same session overtakes ends with 500 and nothing else does.
    if (answer.status === 500 && texts.length === 1 && texts[0]?.includes('/meta/connect')) continue;
    if (answer.status !== 200) throw new Error(`${answer.status} to ${body}`);
    check(texts, readAnswer(answer.body), clientIds);
  }
  return sent;
}

async function fuzzWebSocket(laneSeed: number, count: number): Promise<number> {
  const random = new RandomSource(laneSeed);
  const clientIds: string[] = [];
  let sent = 0;
  let socket = await RawWebSocket.open(engine.port);
  const ask = async (text: string): Promise<void> => {
    socket.send(frameBytes({ payload: text }));
    const expected = (JSON.parse(text) as unknown[]).length;
    // Replies may come in several frames and behind events; a held connect is answered when its time is over.
    const replies = (): number =>
      socket.texts.reduce((all, each) => all + readAnswer(each).replies.length, 0);
    const came = await socket.until(() => replies() >= expected || socket.isClosed, 5_000);
    if (!came) throw new Error(`no answer to ${text}: ${socket.texts.join(' ')}`);
  };
  while (sent < count) {
    if (socket.isClosed || random.chance(0.02)) {
      socket.destroy(random.chance(0.5));
      socket = await RawWebSocket.open(engine.port);
    }
    socket.texts.length = 0;
    const texts =
      clientIds.length < 2
        ? ['{"channel":"/meta/handshake","version":"1.0","supportedConnectionTypes":["websocket"],"id":"1"}']
        : batch(random, clientIds);
    await ask(`[${texts.join()}]`);
    sent += texts.length;
    for (const frame of socket.texts) learn(readAnswer(frame), clientIds);
  }
  socket.destroy();
  return sent;
}

function batch(random: RandomSource, clientIds: readonly string[]): string[] {
  const length = random.chance(0.3) ? 1 : 1 + random.int(40);
  return Array.from({ length }, () => generateMessage(random, clientIds));
}

async function handshake(http: RawHttp): Promise<string> {
  const body = '[{"channel":"/meta/handshake","version":"1.0","supportedConnectionTypes":["long-polling"]}]';
  const [reply] = readAnswer((await http.send({ body })).body).replies;
  if (reply?.['successful'] !== true)
    throw new Error(`a plain handshake was refused: ${JSON.stringify(reply)}`);
  return String(reply['clientId']);
}

/** One reply to each message, in their order, each with the id it was asked with, or none where none can be echoed. */
function check(texts: readonly string[], answer: Answer, clientIds: string[]): void {
  const asked = texts.map((text) => echoedId(JSON.parse(text)));
  const told = answer.replies.map((reply) => reply['id']);
  if (JSON.stringify(asked) !== JSON.stringify(told)) {
    throw new Error(`${JSON.stringify(asked)} was answered ${JSON.stringify(told)}: [${texts.join()}]`);
  }
  learn(answer, clientIds);
}

/** Takes up sessions that were made and drops those the server no longer knows. */
function learn(answer: Answer, clientIds: string[]): void {
  for (const reply of answer.replies) {
    if (typeof reply['clientId'] === 'string') clientIds.push(reply['clientId']);
    const { channel, error, successful } = reply;
    const isGone = channel === '/meta/disconnect' && successful === true;
    if (isGone || (typeof error === 'string' && error.startsWith('402'))) clientIds.shift();
  }
  while (clientIds.length > 6) clientIds.shift();
}

function echoedId(message: unknown): string | number | undefined {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return undefined;
  const { id } = message as { id?: unknown };
  return typeof id === 'string' || (typeof id === 'number' && Number.isFinite(id)) ? id : undefined;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, each) => all + each, 0);
}
