import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { appendUntilDeath } from '../crash-load.ts';
import { expectAcknowledged, expectWhole, killAgainAndAgain } from '../crash-suite.ts';
import { SampleChat } from '../sample-chat.ts';
import { openSqliteContents } from './contents.ts';
import { openSqliteJournal } from './open.ts';

// A longer run by hand: PARLEY_CRASH_KILLS=10000 PARLEY_CRASH_SEED=7 npx vitest run server/journal/sqlite/crash
const kills = Number(process.env['PARLEY_CRASH_KILLS'] ?? 300);
const seed = Number(process.env['PARLEY_CRASH_SEED'] ?? Date.now() % 1_000_000);
/** Kills of one store; then another begins empty, for a start reads all that is live. */
const killsPerStore = 60;
const child = new URL('./crash-child.ts', import.meta.url);

interface Place {
  readonly store: string;
  readonly acknowledgements: string;
}

async function place(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-crash-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return { store: join(folder, 'parley.db'), acknowledgements: join(folder, 'acknowledged') };
}

function open(path: string) {
  return openSqliteJournal({
    path,
    onFatal: (error) => {
      throw error;
    },
  });
}

/** Nothing lost, nothing doubled, no gaps, and whole in all that `parley verify` looks at. */
async function expectAll({ store, acknowledgements }: Place) {
  const journal = await open(store);
  try {
    return await expectAcknowledged(journal, acknowledgements);
  } finally {
    await journal.close();
    await expectWhole(openSqliteContents(store));
  }
}

// Whoever is killed keeps no compiled code: this keeps that of the store's threads.
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-crash-'));
  await (await open(join(folder, 'parley.db'))).close();
  await rm(folder, { recursive: true });
});

test(
  `every acknowledged event survives ${kills} kill -9, once and in order`,
  { timeout: 60_000 + kills * 4_000 },
  async () => {
    console.log(`seed ${seed}`);
    let [left, entries, closed] = [kills, 0, 0];
    for (let run = 0; left > 0; run += 1) {
      const at = await place();
      const round = Math.min(left, killsPerStore);
      left -= round;
      await killAgainAndAgain({ ...at, child, kills: round, longestLifeMs: 60, seed: seed + run });
      const found = await expectAll(at);
      entries += found.entries;
      closed += found.closed;
    }
    console.log(`${kills} kills, ${entries} acknowledged entries, ${closed} closed chats`);
    expect(entries).toBeGreaterThan(kills * 4);
    expect(closed).toBeGreaterThan(kills / 30);
  },
);

test('a store that acknowledges before it commits is caught', { timeout: 120_000 }, async () => {
  const at = await place();
  await killAgainAndAgain({
    ...{ ...at, child, kills: 3, longestLifeMs: 60, seed },
    planted: 'acknowledges early',
  });
  await expect(expectAll(at)).rejects.toThrow('chat');
});

test('what was stored a second time is caught', async () => {
  const at = await place();
  const journal = await open(at.store);
  await appendUntilDeath(journal, { acknowledgementsPath: at.acknowledgements, round: '1', entries: 100 });
  const [events = []] = (await journal.recover()).liveChats.values();
  const text = events.map(({ event }) => (event.type === 'TextSent' ? event.text : '')).find(Boolean);
  if (text === undefined) throw new Error('nothing was said');
  await new Promise<void>((resolve) => journal.append(SampleChat.restored(events).say(text), resolve));
  await journal.close();
  await expect(expectAll(at)).rejects.toThrow('said twice');
});
