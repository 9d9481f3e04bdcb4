import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import type { StoredEvent } from '@parley/server/domain/chat-event.ts';
import type { Journal } from '@parley/server/journal/journal.ts';
import { BatchWriter } from '@parley/server/journal/sqlite/batch-writer.ts';
import { openSqliteContents } from '@parley/server/journal/sqlite/contents.ts';
import { explained, openForReading, openForWriting } from '@parley/server/journal/sqlite/database.ts';
import { Housekeeping } from '@parley/server/journal/sqlite/housekeeping.ts';
import { defaultSqliteLimits } from '@parley/server/journal/sqlite/limits.ts';
import type { RecoveredText } from '@parley/server/journal/sqlite/messages.ts';
import { liveChats, openSqliteJournal } from '@parley/server/journal/sqlite/open.ts';
import { answer } from '@parley/server/journal/sqlite/queries.ts';
import { verifyStore } from '@parley/server/journal/verify/verify-store.ts';
import type { DiskStep } from './disk-trace.ts';
import { smallLimits } from './small-limits.ts';

/** Each chat's log as JSON, an event each. */
export type Logs = ReadonlyMap<string, readonly string[]>;

export interface ReadImage {
  readonly logs: Logs;
  /** Processor time from the files to a store that could take its first commit. */
  readonly openedInMs: number;
}

/** Puts files into an empty folder. */
export function writeImage(folder: string, files: ReadonlyMap<string, Buffer>): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
}

/**
 * Opens a store with its own recovery, writer and queries, but without its threads, which take longer than all the rest,
 * and reads these chats as the server would. Throws what the store throws.
 */
export function readStore(path: string, chatIds: Iterable<string>): ReadImage {
  const started = process.cpuUsage();
  // What this test writes need not last.
  const db = openForWriting(path, { logPages: smallLimits.maxWalPages, faults: { synchronous: 'OFF' } });
  try {
    const housekeeping = explained(path, () => startWriter(db));
    const openedInMs = processorMs(started);
    const reader = openForReading(path);
    try {
      return { logs: logsIn(reader, chatIds), openedInMs };
    } finally {
      reader.close();
      housekeeping.stop();
    }
  } finally {
    db.close();
  }
}

/** What the writer thread does before it takes commits. */
function startWriter(db: DatabaseSync): Housekeeping {
  new BatchWriter(db);
  return new Housekeeping(db, {
    path: db.location() ?? '',
    limits: { ...defaultSqliteLimits, ...smallLimits },
    onError(error) {
      throw error;
    },
  });
}

/** Reads these chats, and all that are live as a start does. */
function logsIn(reader: DatabaseSync, chatIds: Iterable<string>): Logs {
  const live = liveChats(answer(reader, { type: 'recover' }) as RecoveredText);
  const logs = new Map<string, readonly string[]>();
  for (const chatId of new Set([...chatIds, ...live.keys()])) {
    const parts = answer(reader, { type: 'chatEvents', chatId: chatId as StoredEvent['chatId'] }) as string[];
    logs.set(chatId, linesOf(parts.flatMap((part) => JSON.parse(part) as StoredEvent[])));
  }
  for (const [chatId, events] of live)
    if (linesOf(events).join() !== logs.get(chatId)?.join())
      throw new Error(`a start reads another log of chat ${chatId} than a query`);
  return logs;
}

function processorMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
}

/** The same by the threads of a server. */
export async function readServedStore(path: string, chatIds: Iterable<string>): Promise<ReadImage> {
  const started = process.cpuUsage();
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined);
  const journal = await openSqliteJournal({ path, onFatal: failure.reject, limits: smallLimits });
  const openedInMs = processorMs(started);
  try {
    return { logs: await Promise.race([logsOf(journal, chatIds), failure.promise]), openedInMs };
  } finally {
    await journal.close();
  }
}

async function logsOf(journal: Journal, chatIds: Iterable<string>): Promise<Logs> {
  const logs = new Map<string, readonly string[]>();
  for (const chatId of chatIds)
    logs.set(chatId, linesOf(await journal.chatEvents(chatId as StoredEvent['chatId'])));
  return logs;
}

function linesOf(events: readonly StoredEvent[]): readonly string[] {
  return events.map((stored) => JSON.stringify(stored));
}

/** What `parley verify` says of a store: gaps, doubles, what does not fold, lists and searches that do not agree. */
export async function verifyProblems(path: string): Promise<readonly string[]> {
  const contents = openSqliteContents(path);
  const problems: string[] = [];
  try {
    await verifyStore(contents, { onProblem: (problem) => problems.push(problem) });
    return problems;
  } finally {
    await contents.close();
  }
}

/** Acknowledgements of `appendUntilDeath`, lines `chatId seq text`: the last acknowledged seq of each chat. */
export class Acknowledged {
  readonly lastSeqs = new Map<string, number>();
  readonly #lines: string[] = [];

  /** The acknowledgements in a trace. */
  static in(steps: readonly DiskStep[]): Acknowledged {
    const acknowledged = new Acknowledged();
    for (const step of steps) if (step.type === 'acknowledge') acknowledged.add(step.text);
    return acknowledged;
  }

  /** What was acknowledged and is not in these logs, with the words that it was acknowledged with. */
  missingIn(logs: Logs): readonly string[] {
    return this.#lines.filter((line) => {
      const [chatId = '', seq, words = ''] = line.split(' ');
      const event = logs.get(chatId)?.[Number(seq) - 1];
      return !event?.includes(`"seq":${seq},`) || !event.includes(`"${words}"`);
    });
  }

  add(text: string): void {
    for (const line of text.split('\n').slice(0, -1)) {
      const [chatId = '', seq] = line.split(' ');
      this.#lines.push(line);
      this.lastSeqs.set(chatId, Math.max(Number(seq), this.lastSeqs.get(chatId) ?? 0));
    }
  }
}

/**
 * What is wrong with logs that were read back. Each must be the beginning of the log as it was written in the end, event
 * by event, and hold what was acknowledged.
 */
export function logProblems(logs: Logs, written: Logs, acknowledged: Acknowledged): readonly string[] {
  const problems: string[] = [];
  for (const [chatId, events] of logs) {
    const whole = written.get(chatId) ?? [];
    const at = events.findIndex((event, position) => event !== whole[position]);
    if (at !== -1) problems.push(`chat ${chatId}: event ${at + 1} is ${events[at]} and was ${whole[at]}`);
  }
  for (const [chatId, lastSeq] of acknowledged.lastSeqs) {
    const count = logs.get(chatId)?.length ?? 0;
    if (count < lastSeq)
      problems.push(`chat ${chatId}: ${lastSeq} events were acknowledged, ${count} are there`);
  }
  return problems;
}
