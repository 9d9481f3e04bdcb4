import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { expectAcknowledged, killChild, startChild, untilAcknowledged } from '../crash-suite.ts';
import { openSqliteJournal } from './open.ts';

const kills = 22;
const child = new URL('./crash-child.ts', import.meta.url);

test('every acknowledged event survives kill -9, once and in order', { timeout: 180_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-crash-'));
  const path = join(folder, 'parley.db');
  const acknowledgements = join(folder, 'acknowledged');
  for (let round = 1; round <= kills; round++) {
    const running = startChild(child, [path, acknowledgements, String(round)]);
    await untilAcknowledged(running, acknowledgements);
    await wait(Math.random() * 120);
    await killChild(running);
  }
  const journal = await openSqliteJournal({
    path,
    onFatal: (error) => {
      throw error;
    },
  });
  const { chats, closed, entries } = await expectAcknowledged(journal, acknowledgements);
  await journal.close();
  await rm(folder, { recursive: true });
  console.log(`${kills} kills, ${chats} chats (${closed} closed), ${entries} acknowledged entries`);
  expect(entries).toBeGreaterThan(kills);
  expect(closed).toBeGreaterThan(0);
});
