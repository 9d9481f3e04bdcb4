import { createApp, type App } from '@parley/server/app.ts';
import { readConfig } from '@parley/server/config/load.ts';
import { answerAfterMs } from '@parley/server/limits/requests-under-way.ts';
import { lastTriesMs } from '@parley/server/store-room.ts';
import { createLogger } from '@parley/server/telemetry/logger.ts';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../manual-clock.ts';
import { post, type Answer } from '../abuse/requests.ts';

// A server that is told to stop while its disk is full.

const full = new SharedArrayBuffer(4);
const setFull = (isFull: boolean): void => void Atomics.store(new Int32Array(full), 0, isFull ? 1 : 0);
const unconfirmed = { body: { statusCode: 1, errors: [{ code: 122 }] } };

let folder: string;
let clock: ManualClock;
let app: App;
let url: string;

async function start(): Promise<void> {
  clock = new ManualClock();
  app = await createApp({
    config: readConfig(
      { logLevel: 'silent', rateLimits: { perChat: { requestsPerSecond: 0, messagesPerSecond: 0 } } },
      { machine: { timeZone: 'UTC' }, overrides: { host: '127.0.0.1', port: 0, dataFolder: folder } },
    ),
    ...{ clock, random: randomBytes, storeOptions: { limits: { maxWalPages: 400 }, faults: { full } } },
    logger: createLogger({ level: 'silent', messageText: false }, { write: () => {} }),
    onFatal: (error) => {
      throw error;
    },
  });
  url = `${(await app.listen()).url}/genesys/2/chat/customer-support`;
}

beforeEach(async () => {
  setFull(false);
  folder = await mkdtemp(join(tmpdir(), 'parley-stop-'));
  await start();
});

afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

/** Opens a chat and says something in it until that waits for room; the one that waits. */
async function fillUp(): Promise<{
  readonly waiting: Promise<Answer>;
  readonly said: number;
  chat: string[];
}> {
  const { body } = await post(url, 'nickname=P');
  const chat = [`${url}/${String(body['chatId'])}`, `secureKey=${String(body['secureKey'])}`];
  setFull(true);
  for (let said = 1; ; said += 1) {
    const waiting = post(`${chat[0]}/send`, `${chat[1]}&message=${said}${'x'.repeat(2_000)}`);
    const isFull = async (): Promise<boolean> => {
      const health = await fetch(new URL('/health', url));
      return ((await health.json()) as { status: string }).status === 'full';
    };
    let isAnswered = false;
    void waiting.then(() => (isAnswered = true));
    while (!isAnswered && !(await isFull())) continue;
    if (!isAnswered) return { waiting, said, chat };
  }
}

test('whoever waits is answered at once that it is not confirmed, and the stop is given up with a sentence', async () => {
  const { waiting } = await fillUp();
  const closing = app.close();
  expect(await waiting).toMatchObject(unconfirmed);
  clock.advance(lastTriesMs);
  await expect(closing).rejects.toMatchObject({
    code: 'full',
    message: expect.stringMatching(
      /^The disk is full: .* is lost \(changes: 1\)\. Make room before the next start\.$/,
    ),
  });
  setFull(false);
});

test('with room before that it stops in good order, and all of it is there', async () => {
  const { waiting, said, chat } = await fillUp();
  const closing = app.close();
  expect(await waiting).toMatchObject(unconfirmed);
  setFull(false);
  await closing;
  expect(clock.pending().filter((atMs) => atMs <= clock.now() + answerAfterMs)).toEqual([]);
  await start();
  const path = String(chat[0]).split('/').at(-1);
  const { body } = await post(`${url}/${path}/refresh`, `${chat[1]}&transcriptPosition=1`);
  const texts = (body['messages'] as { type: string }[]).filter(({ type }) => type === 'Message');
  expect(texts).toHaveLength(said);
  await app.close();
});
