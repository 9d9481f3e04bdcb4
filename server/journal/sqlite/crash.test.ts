import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { StoredEvent } from '../../domain/chat-event.ts';
import type { ChatId } from '../../domain/ids.ts';
import { openSqliteJournal } from './open.ts';

const kills = 22;
const child = new URL('./crash-child.ts', import.meta.url).pathname;

function lines(path: string): string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

/** Runs the child until some time after its first acknowledgement, then kills it without warning. */
async function runAndKill(path: string, acknowledgements: string, round: number): Promise<void> {
  const before = lines(acknowledgements).length;
  const running = spawn(process.execPath, [child, path, acknowledgements, String(round)], {
    stdio: 'inherit',
  });
  const exited = once(running, 'exit');
  onTestFinished(() => void running.kill('SIGKILL'));
  while (lines(acknowledgements).length === before && running.exitCode === null) await wait(5);
  await wait(Math.random() * 120);
  running.kill('SIGKILL');
  const [, signal] = (await exited) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
}

/** What the log says of an event, as the child reports it. */
function said({ event }: StoredEvent): string {
  return event.type === 'TextSent' ? event.text : event.type;
}

test('every acknowledged event survives kill -9, once and in order', { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-crash-'));
  const path = join(folder, 'parley.db');
  const acknowledgements = join(folder, 'acknowledged');
  for (let round = 1; round <= kills; round++) await runAndKill(path, acknowledgements, round);

  const acknowledged = new Map<ChatId, Map<number, string>>();
  for (const line of lines(acknowledgements)) {
    const [chatId, seq, text] = line.split(' ') as [ChatId, string, string];
    const chat = acknowledged.get(chatId) ?? new Map<number, string>();
    acknowledged.set(chatId, chat);
    expect(chat.has(Number(seq)), `seq reused: ${line}`).toBe(false);
    chat.set(Number(seq), text);
  }
  const journal = await openSqliteJournal({
    path,
    onFatal: (error) => {
      throw error;
    },
  });
  const { liveChats } = await journal.recover();
  let closed = 0;
  for (const [chatId, expected] of acknowledged) {
    const events = await journal.chatEvents(chatId);
    expect(events.map((stored) => stored.seq)).toEqual(events.map((_, position) => position + 1));
    const indexes = events.flatMap((stored) => stored.index ?? []);
    expect(indexes).toEqual(indexes.map((_, position) => position + 1));
    for (const [seq, text] of expected) {
      const stored = events[seq - 1];
      expect(stored && said(stored), `${chatId} ${seq}`).toBe(text);
    }
    if (events.at(-1)?.event.type === 'SessionEnded') {
      closed += 1;
      expect(liveChats.has(chatId)).toBe(false);
    } else expect(liveChats.get(chatId)).toEqual(events);
  }
  await journal.close();
  await rm(folder, { recursive: true });
  const total = [...acknowledged.values()].reduce((sum, chat) => sum + chat.size, 0);
  console.log(`${kills} kills, ${acknowledged.size} chats (${closed} closed), ${total} acknowledged entries`);
  expect(total).toBeGreaterThan(kills);
  expect(closed).toBeGreaterThan(0);
});
