import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import type { StoredEvent } from '../domain/chat-event.ts';
import type { ChatId } from '../domain/ids.ts';
import type { Journal } from './journal.ts';

/** What the child of a crash test acknowledged so far, one entry a line. */
function acknowledgedLines(path: string): string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

/** Starts a child: a module that calls `appendUntilDeath`, with its arguments. It dies with the test at the latest. */
export function startChild(module: URL, args: readonly string[]): ChildProcess {
  const running = spawn(process.execPath, [module.pathname, ...args], { stdio: 'inherit' });
  onTestFinished(() => void running.kill('SIGKILL'));
  return running;
}

/** Resolves when the child has acknowledged something more, or has ended by itself. */
export async function untilAcknowledged(running: ChildProcess, path: string, more = 1): Promise<void> {
  const before = acknowledgedLines(path).length;
  while (acknowledgedLines(path).length < before + more && running.exitCode === null) await wait(5);
}

/** `kill -9`; it must have been running. */
export async function killChild(running: ChildProcess): Promise<void> {
  const exited = once(running, 'exit');
  running.kill('SIGKILL');
  const [, signal] = (await exited) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
}

/** What the log says of an event, as the child reports it. */
function said({ event }: StoredEvent): string {
  return event.type === 'TextSent' ? event.text : event.type;
}

function acknowledgedChats(path: string): Map<ChatId, Map<number, string>> {
  const acknowledged = new Map<ChatId, Map<number, string>>();
  for (const line of acknowledgedLines(path)) {
    const [chatId, seq, text] = line.split(' ') as [ChatId, string, string];
    const chat = acknowledged.get(chatId) ?? new Map<number, string>();
    acknowledged.set(chatId, chat);
    expect(chat.has(Number(seq)), `seq reused: ${line}`).toBe(false);
    chat.set(Number(seq), text);
  }
  return acknowledged;
}

/** Checks that everything acknowledged is in the journal, once and in order. Returns the counts. */
export async function expectAcknowledged(
  journal: Journal,
  path: string,
): Promise<{ readonly chats: number; readonly closed: number; readonly entries: number }> {
  const acknowledged = acknowledgedChats(path);
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
  const entries = [...acknowledged.values()].reduce((sum, chat) => sum + chat.size, 0);
  return { chats: acknowledged.size, closed, entries };
}
