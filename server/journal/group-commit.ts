import type { StoredEvent, Visibility } from '../domain/chat-event.ts';
import type { ChatId } from '../domain/ids.ts';
import type { JournalEntry, TableWrite } from './journal.ts';
import { JournalError } from './journal-error.ts';
import { JournalMeter } from './journal-meter.ts';

/**
 * A closed chat's whole log: `events` is a JSON array. For the full-text index `text` is what people wrote, and
 * `supervisorText` what only supervisors were to read.
 */
export interface ArchivedLog {
  readonly chatId: ChatId;
  readonly events: string;
  readonly text: string;
  readonly supervisorText: string;
  /** See `TableWrite`. */
  readonly isMasked: boolean;
}

/** What one commit carries: the events and the table writes of several entries, in their order, as JSON arrays. */
export interface Batch {
  readonly events: string;
  readonly writes: string;
  readonly archives: readonly ArchivedLog[];
}

export interface GroupCommitLimits {
  /** Entries in one commit; more wait for the next. */
  readonly maxBatchEntries: number;
  /** Characters of JSON in one commit; a single entry may be larger. */
  readonly maxBatchLength: number;
  /** Entries waiting for the disk; beyond it `append` throws `overloaded` and changes nothing. */
  readonly maxWaitingEntries: number;
  /** Characters of JSON waiting for the disk; beyond it `append` throws `overloaded` and changes nothing. */
  readonly maxWaitingLength: number;
  /** The pause before a commit that found no room on the disk is tried again; it is until it goes in. */
  readonly roomRetryMs: number;
}

export const defaultGroupCommitLimits: GroupCommitLimits = {
  maxBatchEntries: 1_024,
  maxBatchLength: 4 * 1024 * 1024,
  maxWaitingEntries: 65_536,
  maxWaitingLength: 64 * 1024 * 1024,
  roomRetryMs: 500,
};

interface Waiting {
  readonly events: string;
  readonly writes: string;
  readonly archives: readonly ArchivedLog[];
  readonly length: number;
  readonly entry: JournalEntry;
  readonly appendedAtMs: number;
  readonly onDurable: () => void;
}

/** Turns of the event loop for which a commit waits, each only because the one before it brought more to write. */
const mostTurns = 4;

type State = 'open' | 'closing' | 'failed';

export interface GroupCommitOptions {
  readonly limits: GroupCommitLimits;
  readonly onFatal: (error: JournalError) => void;
  /** See `RoomListener`. */
  readonly onFull?: RoomListener | undefined;
  readonly meter?: JournalMeter;
  /** Calls when this turn of the event loop has read what has come in; default `setImmediate`. */
  readonly afterTurn?: (start: () => void) => void;
  /** Calls after a pause; default `setTimeout`. */
  readonly later?: ((pauseMs: number, call: () => void) => void) | undefined;
}

/** Hears a sentence for the operator when a commit finds no room on the disk, and null when there is room again. */
export type RoomListener = (sentence: string | null) => void;

/**
 * Group commit without a timer: one commit runs at a time, and begins after the first turn of the event loop that brings
 * nothing more to write, or after a few. So a lone entry is on its way at once, requests that come together share a
 * commit, and under load the batches grow by themselves until the disk keeps up.
 *
 * Entries become JSON when they are appended: an entry that cannot be written is refused to its own caller and spoils
 * no batch, and what waits is known by its size.
 *
 * A commit that finds no room on the disk has changed nothing. It keeps its place and is tried again as it is, for others
 * were decided on what is in it; until it has gone in, `append` refuses (docs/adr/0017).
 */
export class GroupCommit {
  readonly #limits: GroupCommitLimits;
  readonly #commit: (batch: Batch, entries: readonly JournalEntry[]) => void;
  readonly #onFatal: (error: JournalError) => void;
  readonly #onFull: RoomListener;
  readonly #afterTurn: (start: () => void) => void;
  readonly #later: (pauseMs: number, call: () => void) => void;
  readonly meter: JournalMeter;
  #state: State = 'open';
  #waiting: Waiting[] = [];
  #waitingLength = 0;
  #running: readonly Waiting[] = [];
  #isDue = false;
  #startedAtMs = 0;
  #drained: (() => void)[] = [];

  /**
   * `commit` starts a commit and reports back with `committed`, `full` or `failed`, never within the call. It is given what
   * the commit carries as JSON and as the entries themselves.
   */
  constructor(commit: (batch: Batch, entries: readonly JournalEntry[]) => void, options: GroupCommitOptions) {
    this.#commit = commit;
    this.#limits = options.limits;
    this.#onFatal = options.onFatal;
    this.#onFull = options.onFull ?? (() => {});
    this.#later = options.later ?? ((pauseMs, call) => void setTimeout(call, pauseMs));
    this.#afterTurn = options.afterTurn ?? setImmediate;
    this.meter = options.meter ?? new JournalMeter();
  }

  /** See `Journal.append`. Throws `JournalError` when closed, failed, full or overloaded. */
  append(entry: JournalEntry, onDurable: () => void): void {
    if (this.#state !== 'open') throw this.#refusal(this.#state);
    if (this.meter.isFull) throw new JournalError('full', 'There is no room on the disk.');
    const { maxWaitingEntries, maxWaitingLength } = this.#limits;
    if (this.#waiting.length >= maxWaitingEntries || this.#waitingLength >= maxWaitingLength)
      throw new JournalError('overloaded', 'Too many changes are waiting for the disk.');
    const { meter } = this;
    const waiting = serialise(entry, onDurable, meter.nowMs());
    this.#waiting.push(waiting);
    this.#waitingLength += waiting.length;
    meter.waitingEntries += 1;
    meter.waitingLength += waiting.length;
    meter.oldestAtMs ??= waiting.appendedAtMs;
    this.#startSoon();
  }

  /** The running commit is on stable storage. */
  committed(): void {
    const done = this.#running;
    this.#running = [];
    this.#measure(done);
    if (this.meter.isFull) {
      this.meter.isFull = false;
      this.#onFull(null);
    }
    this.#startSoon();
    runAll(done);
    if (this.#isIdle()) this.#announceDrained();
  }

  /** The running commit found no room on the disk, and nothing of it is there. The sentence is for the operator. */
  full(sentence: string): void {
    if (this.#state === 'failed') return;
    if (!this.meter.isFull) {
      this.meter.isFull = true;
      this.#onFull(sentence);
    }
    this.#later(this.#limits.roomRetryMs, () => {
      // The store may have failed meanwhile.
      if (this.#running.length > 0) this.#commitRunning();
    });
  }

  /** The running commit failed, or the store went away; only the first call counts. */
  failed(reason: string): void {
    if (this.#state === 'failed') return;
    this.#state = 'failed';
    this.#waiting = [];
    this.#running = [];
    this.#onFatal(new JournalError('failed', reason));
    this.#announceDrained();
  }

  /** Takes no more entries; resolves once everything taken is durable, or the store has failed. */
  drain(): Promise<void> {
    if (this.#state === 'open') this.#state = 'closing';
    return new Promise((resolve) => {
      this.#drained.push(resolve);
      if (this.#isIdle()) this.#announceDrained();
    });
  }

  #isIdle(): boolean {
    return this.#running.length === 0 && this.#waiting.length === 0;
  }

  #startSoon(): void {
    if (this.#isDue || this.#running.length > 0 || this.#waiting.length === 0) return;
    this.#isDue = true;
    this.#gather(this.#waiting.length, 1);
  }

  #gather(known: number, turn: number): void {
    this.#afterTurn(() => {
      const { length } = this.#waiting;
      if (length > known && turn < mostTurns) return this.#gather(length, turn + 1);
      this.#isDue = false;
      if (length > 0) this.#start();
    });
  }

  #start(): void {
    const { maxBatchEntries, maxBatchLength } = this.#limits;
    let count = 0;
    let length = 0;
    for (const waiting of this.#waiting) {
      if (count > 0 && (count === maxBatchEntries || length + waiting.length > maxBatchLength)) break;
      count += 1;
      length += waiting.length;
    }
    this.#running = this.#waiting.splice(0, count);
    this.#waitingLength -= length;
    this.#startedAtMs = this.meter.nowMs();
    this.#commitRunning();
  }

  #commitRunning(): void {
    this.#commit(
      join(this.#running),
      this.#running.map(({ entry }) => entry),
    );
  }

  #measure(done: readonly Waiting[]): void {
    const { meter } = this;
    meter.batchEntries.observe(done.length);
    meter.commitSeconds.observe((meter.nowMs() - this.#startedAtMs) / 1000);
    meter.waitingEntries -= done.length;
    for (const { length } of done) meter.waitingLength -= length;
    meter.oldestAtMs = this.#waiting[0]?.appendedAtMs ?? null;
  }

  #announceDrained(): void {
    const drained = this.#drained;
    this.#drained = [];
    for (const resolve of drained) resolve();
  }

  #refusal(state: 'closing' | 'failed'): JournalError {
    return state === 'failed'
      ? new JournalError(
          'failed',
          'The store has failed; nothing more is accepted until the server restarts.',
        )
      : new JournalError('closed', 'The store is closed.');
  }
}

function serialise(entry: JournalEntry, onDurable: () => void, appendedAtMs: number): Waiting {
  const tables = entry.writes.filter((write) => write.table !== 'archive');
  const archives = entry.writes.filter((write) => write.table === 'archive').map(serialiseArchive);
  const events = inner(entry.events);
  const writes = inner(tables);
  let length = events.length + writes.length;
  for (const archive of archives)
    length += archive.events.length + archive.text.length + archive.supervisorText.length;
  return { events, writes, archives, length, entry, appendedAtMs, onDurable };
}

function serialiseArchive(write: Extract<TableWrite, { readonly table: 'archive' }>): ArchivedLog {
  const { chatId, events, isMasked = false } = write;
  return { chatId, events: JSON.stringify(events), ...searchedText(events), isMasked };
}

/** What a chat is found by. It stays as it is: an index forgets a chat by the same words. */
export function searchedText(events: readonly StoredEvent[]): Pick<ArchivedLog, 'text' | 'supervisorText'> {
  return {
    text: writtenText(events, (visibility) => visibility !== 'Supervisors'),
    supervisorText: writtenText(events, (visibility) => visibility === 'Supervisors'),
  };
}

/** What people wrote in a chat for those readers, one message a line. */
function writtenText(events: readonly StoredEvent[], isWanted: (visibility: Visibility) => boolean): string {
  return events
    .flatMap(({ event }) => (event.type === 'TextSent' && isWanted(event.visibility) ? [event.text] : []))
    .join('\n');
}

/** The JSON of a list without its brackets, so that lists are joined by commas. */
function inner(list: readonly unknown[]): string {
  return list.length === 0 ? '' : JSON.stringify(list).slice(1, -1);
}

function join(entries: readonly Waiting[]): Batch {
  return {
    events: `[${joinParts(entries.map((entry) => entry.events))}]`,
    writes: `[${joinParts(entries.map((entry) => entry.writes))}]`,
    archives: entries.flatMap((entry) => entry.archives),
  };
}

function joinParts(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(',');
}

/** Runs every callback in order; an exception of one is thrown after the others ran, for their entries are durable. */
function runAll(entries: readonly Waiting[]): void {
  const errors: unknown[] = [];
  for (const entry of entries) {
    try {
      entry.onDurable();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
