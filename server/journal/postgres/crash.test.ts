import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import {
  expectAcknowledged,
  expectWhole,
  killAgainAndAgain,
  killChild,
  untilAcknowledged,
  WarmChildren,
} from '../crash-suite.ts';
import { openPostgresContents } from './contents.ts';
import { openPostgresJournal } from './open.ts';
import { PrivateServer, serverPrograms } from './private-server.ts';
import { makeTestSchema, testDatabaseUrl } from './test-database.ts';

const child = new URL('./crash-child.ts', import.meta.url);
const kills = 20;
const seed = Number(process.env['PARLEY_CRASH_SEED'] ?? Date.now() % 1_000_000);
const url = await testDatabaseUrl();
const programs = serverPrograms();

async function acknowledgementsPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-crash-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'acknowledged');
}

async function expectNothingLost(at: string, acknowledgements: string): Promise<void> {
  const journal = await openPostgresJournal({
    url: at,
    onFatal: (error) => {
      throw error;
    },
  });
  const { chats, closed, entries } = await expectAcknowledged(journal, acknowledgements);
  await journal.close();
  await expectWhole(await openPostgresContents(at));
  console.log(`${chats} chats (${closed} closed), ${entries} acknowledged entries`);
  expect(closed).toBeGreaterThan(0);
}

test.skipIf(url === null)(
  'every acknowledged event survives kill -9 of the server, once and in order',
  { timeout: 180_000 },
  async () => {
    const schema = await makeTestSchema(url ?? '');
    onTestFinished(() => schema.drop());
    const acknowledgements = await acknowledgementsPath();
    await killAgainAndAgain({
      ...{ child, store: schema.url, acknowledgements, kills, seed },
      longestLifeMs: 200,
    });
    await expectNothingLost(schema.url, acknowledgements);
  },
);

test.skipIf(programs === null)(
  'every acknowledged event survives a restart and a crash of PostgreSQL, and the server goes on',
  { timeout: 180_000 },
  async () => {
    const database = await PrivateServer.start(programs ?? '');
    onTestFinished(() => database.remove());
    const acknowledgements = await acknowledgementsPath();
    const running = new WarmChildren(child).start([database.url, acknowledgements, '1']);
    for (const mode of ['fast', 'immediate', 'immediate', 'fast'] as const) {
      await untilAcknowledged(running, acknowledgements, 200);
      database.stop(mode);
      await wait(100);
      database.start();
    }
    await untilAcknowledged(running, acknowledgements, 200);
    await killChild(running);
    await expectNothingLost(database.url, acknowledgements);
  },
);
