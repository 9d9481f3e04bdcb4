import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import type { StoredEvent } from '../domain/chat-event.ts';
import type { ChatId } from '../domain/ids.ts';
import { integerBetween, seededRandom } from '../routing/seeded-random.ts';
import type { Journal } from './journal.ts';
import type { StoredContents } from './stored-contents.ts';
import { verifyStore } from './verify/verify-store.ts';

/** What the child of a crash test acknowledged so far, one entry a line. */
function acknowledgedLines(path: string): string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

/**
 * Children that have loaded their code and wait for the word to open a store (`crash-word.ts`): while one is at work the
 * next is made ready. All die with the test at the latest.
 */
export class WarmChildren {
  readonly #module: string;
  readonly #waiting: ChildProcess[] = [];

  constructor(module: URL) {
    this.#module = fileURLToPath(module);
    onTestFinished(() => this.#waiting.forEach((child) => child.kill('SIGKILL')));
  }

  /** Lets one begin with these arguments. */
  start(args: readonly string[]): ChildProcess {
    const child = this.#waiting.shift() ?? this.#load();
    this.#waiting.push(this.#load());
    child.send(args);
    return child;
  }

  #load(): ChildProcess {
    const child = fork(this.#module, { execArgv: [] });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  }
}

/** Resolves when the child has acknowledged something more, or has ended by itself. */
export async function untilAcknowledged(running: ChildProcess, path: string, more = 1): Promise<void> {
  const lines = (): number => acknowledgedLines(path).length;
  const before = lines();
  let size = 0;
  while (running.exitCode === null) {
    await wait(5);
    const grown = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (grown !== size && lines() >= before + more) return;
    size = grown;
  }
}

/** A child that is killed while it opens its store is killed so long after the word, at most. */
const longestOpeningMs = 150;
const killWhileOpeningChance = 0.2;

export interface KillsOptions {
  readonly child: URL;
  /** What the child is told besides the file of acknowledgements and the number of its round: where its store is. */
  readonly store: string;
  readonly acknowledgements: string;
  readonly kills: number;
  /** How long a child appends, at most, after its first acknowledgement. */
  readonly longestLifeMs: number;
  readonly seed: number;
  /** A bug that the child is to have; it must know it. */
  readonly planted?: 'acknowledges early';
}

/** Lets children go on with one store, each until it is killed: while they append, and some while they open it. */
export async function killAgainAndAgain(options: KillsOptions): Promise<void> {
  const { store, acknowledgements, kills, longestLifeMs, seed, planted = '' } = options;
  const random = seededRandom(seed);
  const children = new WarmChildren(options.child);
  for (let round = 1; round <= kills; round += 1) {
    const running = children.start([store, acknowledgements, String(round), planted]);
    // Twice in a row nothing may be acknowledged: the last child always gets that far.
    if (round < kills && random() < killWhileOpeningChance)
      await wait(integerBetween(random, 0, longestOpeningMs));
    else {
      await untilAcknowledged(running, acknowledgements);
      await wait(random() * longestLifeMs);
    }
    await killChild(running);
  }
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
    const texts = events.map(said).filter((text) => /^\d+-\d+$/.test(text));
    expect(texts, `said twice in ${chatId}`).toEqual([...new Set(texts)]);
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

/** What `parley verify` looks at must be right too. */
export async function expectWhole(contents: StoredContents): Promise<void> {
  const problems: string[] = [];
  await verifyStore(contents, { onProblem: (problem) => void problems.push(problem) });
  await contents.close();
  expect(problems).toEqual([]);
}
