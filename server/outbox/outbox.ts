import type { Cancel, Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Chat } from '../domain/chat.ts';
import type { StoredEvent } from '../domain/chat-event.ts';
import type { ChatId } from '../domain/ids.ts';
import { JournalError } from '../journal/journal-error.ts';
import type { DispatchHead, DispatchProgress, DispatchRow, Journal, TableWrite } from '../journal/journal.ts';
import { retryMs, take, untilTaken } from '../operations/take.ts';
import { delayAfter } from './back-off.ts';
import { Lane, type DeadLetter } from './lane.ts';
import type { Outcome, Receiver } from './receiver.ts';

export interface OutboxOptions {
  readonly limits: Config['outbox'];
  readonly receivers: readonly Receiver[];
  readonly journal: Journal;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly onError: (error: unknown) => void;
}

/** How one receiver does; `waiting` and `dead` are numbers of dispatches. */
export interface ReceiverStatus {
  readonly url: string;
  readonly events: readonly string[];
  readonly waiting: number;
  readonly dead: number;
  readonly confirmed: number;
  readonly failed: number;
  readonly lastConfirmedAtMs: number | null;
  readonly lastFailure: { readonly atMs: number; readonly failure: string } | null;
}

interface Line {
  readonly receiver: Receiver;
  readonly lane: Lane;
  /** Ends when the oldest dead letter becomes too old. */
  deadTimer: Cancel | null;
  confirmed: number;
  failed: number;
  lastConfirmedAtMs: number | null;
  lastFailure: ReceiverStatus['lastFailure'];
}

/**
 * What receivers outside have not confirmed. Each dispatch is a row that is written in the same transaction as the event
 * it tells of and deleted when its receiver has confirmed it: so it is told at least once, under one id, whatever
 * happens to this server, and twice when the server ends between the two. What fails is tried again (`delayAfter`) until
 * `maxAttempts` or `maxAgeMs`, and is a dead letter then. In memory are only ids and times, for at most `maxWaiting` and
 * `maxDeadLetters` dispatches of each receiver: beyond the first the oldest becomes a dead letter, beyond the second the
 * oldest dead letter is forgotten.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #lines = new Map<string, Line>();
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: OutboxOptions) {
    this.#options = options;
    for (const receiver of options.receivers) {
      const lane: Lane = new Lane(options.clock, () => this.#pump(receiver.name));
      const none = { deadTimer: null, confirmed: 0, failed: 0, lastConfirmedAtMs: null, lastFailure: null };
      this.#lines.set(receiver.name, { receiver, lane, ...none });
    }
  }

  /** The rows that belong to the events; changes nothing. */
  writesFor(stored: readonly StoredEvent[], chat: Chat): readonly TableWrite[] {
    const writes: TableWrite[] = [];
    for (const one of stored)
      for (const { receiver } of this.#lines.values()) {
        const telling = receiver.tellingOf(one, chat);
        if (!telling) continue;
        const { kind, body, dueAtMs = one.atMs } = telling;
        const id = `${chat.id}-${one.seq}-${receiver.name}`;
        const progress = { queuedAtMs: one.atMs, dueAtMs, attempts: 0, deadAtMs: null, lastFailure: null };
        const row = { id, receiver: receiver.name, chatId: chat.id, kind, body, ...progress };
        writes.push({ table: 'outbox', row });
      }
    return writes;
  }

  /** These writes of `writesFor` are on disk: what they say is told from now on. */
  durable(writes: readonly TableWrite[]): void {
    for (const write of writes)
      if (write.table === 'outbox' && 'row' in write) this.#enter(headOf(write.row));
  }

  /**
   * Takes over what was not confirmed when the server stopped. What belongs to a receiver that is not in the configuration
   * any more stays where it is, and is told when it comes back.
   */
  restore(heads: readonly DispatchHead[]): void {
    const inOrder = heads.toSorted((one, other) => (one.deadAtMs ?? 0) - (other.deadAtMs ?? 0));
    for (const head of inOrder) this.#lines.get(head.receiver)?.lane.add(head);
    for (const line of this.#lines.values()) {
      this.#buryBeyondLimit(line);
      this.#trimDead(line);
    }
  }

  /** How each receiver does, by name. */
  status(): ReadonlyMap<string, ReceiverStatus> {
    const statusOf = ({ receiver, lane, ...numbers }: Line): ReceiverStatus => {
      const { url, events } = receiver;
      const { confirmed, failed, lastConfirmedAtMs, lastFailure } = numbers;
      const counts = { waiting: lane.waiting, dead: lane.dead, confirmed, failed };
      return { url, events, ...counts, lastConfirmedAtMs, lastFailure };
    };
    return new Map([...this.#lines].map(([name, line]) => [name, statusOf(line)]));
  }

  /** What a receiver has not confirmed, oldest first. */
  list(page: Parameters<Journal['dispatches']>[0]): Promise<readonly DispatchRow[]> {
    return this.#options.journal.dispatches(page);
  }

  /** Undefined when there is no such receiver. */
  deadLetters(receiver: string): readonly DeadLetter[] | undefined {
    return this.#lines.get(receiver)?.lane.deadLetters();
  }

  /** One that is not confirmed; null when there is none. */
  find(id: string): Promise<DispatchRow | null> {
    return this.#options.journal.dispatch(id);
  }

  /** The writes that put a dead letter back among the waiting; give them to `revived` when they are durable. */
  revival(letter: DeadLetter): TableWrite {
    const nowMs = this.#options.clock.now();
    const progress = { queuedAtMs: nowMs, dueAtMs: nowMs, attempts: 0, deadAtMs: null, lastFailure: null };
    return { table: 'outbox', update: letter.id, progress };
  }

  /** These revivals are durable. */
  revived(letters: readonly DeadLetter[]): void {
    const nowMs = this.#options.clock.now();
    for (const letter of letters) {
      const lane = this.#lines.get(letter.receiver)?.lane;
      // Somebody else was quicker.
      if (!lane?.isDead(letter.id)) continue;
      lane.remove(letter.id);
      this.#enter({ ...letter, queuedAtMs: nowMs, dueAtMs: nowMs, attempts: 0, deadAtMs: null });
    }
  }

  /** These rows are not in the store any more. */
  discarded(heads: readonly DispatchHead[]): void {
    for (const { receiver, id } of heads) this.#lines.get(receiver)?.lane.remove(id);
  }

  /** What waits for its first time in a chat need wait no longer. */
  hasten(receiver: string, chatId: ChatId): void {
    this.#lines.get(receiver)?.lane.hasten(chatId);
  }

  /** Starts nothing more, breaks off what is under way (it stays in the store) and waits until it has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const { lane, deadTimer } of this.#lines.values()) {
      lane.stop();
      deadTimer?.();
    }
    await Promise.all(this.#running);
    for (const { receiver } of this.#lines.values()) receiver.close();
  }

  #enter(head: DispatchHead): void {
    const line = this.#lines.get(head.receiver);
    if (!line) return;
    line.lane.add(head);
    this.#buryBeyondLimit(line);
  }

  #pump(name: string): void {
    const line = this.#lines.get(name);
    while (line && !this.#stopping.signal.aborted && line.lane.underWay < line.receiver.parallel) {
      const head = line.lane.take();
      if (!head) return;
      const running: Promise<void> = this.#tell(line, head)
        .catch(this.#options.onError)
        .finally(() => {
          this.#running.delete(running);
          this.#pump(name);
        });
      this.#running.add(running);
    }
  }

  async #tell(line: Line, head: DispatchHead): Promise<void> {
    const { journal, clock } = this.#options;
    const row = await journal.dispatch(head.id).catch((error: unknown) => {
      if (error instanceof JournalError) return 'busy' as const;
      throw error;
    });
    if (this.#stopping.signal.aborted) return;
    if (row === 'busy') return line.lane.settle(head, { ...head, dueAtMs: clock.now() + retryMs });
    // It was erased.
    if (row === null) return line.lane.settle(head, null);
    const outcome = await this.#attempt(line.receiver, row);
    // What was broken off has not failed; what was confirmed at the last moment is.
    if (this.#stopping.signal.aborted && outcome.outcome !== 'Confirmed') return;
    await this.#conclude(line, head, outcome);
  }

  async #attempt(receiver: Receiver, row: DispatchRow): Promise<Outcome> {
    const { clock, limits } = this.#options;
    const timeOut = new AbortController();
    const cancel = clock.setTimer(clock.now() + limits.attemptTimeoutMs, () =>
      timeOut.abort(new Error(`no answer within ${limits.attemptTimeoutMs} ms`)),
    );
    try {
      return await receiver.send(row, AbortSignal.any([timeOut.signal, this.#stopping.signal]));
    } finally {
      cancel();
    }
  }

  async #conclude(line: Line, head: DispatchHead, outcome: Outcome): Promise<void> {
    const { clock, limits, random } = this.#options;
    const nowMs = clock.now();
    switch (outcome.outcome) {
      case 'NotYet':
        return line.lane.settle(head, { ...head, dueAtMs: outcome.atMs });
      case 'Confirmed':
      case 'Moot':
        if (outcome.outcome === 'Confirmed') {
          line.confirmed += 1;
          line.lastConfirmedAtMs = nowMs;
        }
        // The next of the chat may go: should this row come back after a crash, its id says that it was told before.
        line.lane.settle(head, null);
        return this.#append([{ table: 'outbox', delete: head.id }]);
      case 'Failed': {
        const { failure, retryAfterMs, final = false } = outcome;
        line.failed += 1;
        line.lastFailure = { atMs: nowMs, failure };
        const attempts = head.attempts + 1;
        const dueAtMs = nowMs + delayAfter(attempts, limits, { random: random(), askedMs: retryAfterMs });
        const isLast = final || attempts >= limits.maxAttempts || dueAtMs - head.queuedAtMs > limits.maxAgeMs;
        if (isLast) return this.#bury(line, [{ ...head, attempts }], failure);
        const again = { ...head, attempts, dueAtMs };
        line.lane.settle(head, again);
        return this.#append([{ table: 'outbox', update: head.id, progress: progressOf(again, failure) }]);
      }
    }
  }

  /** The oldest of more than may wait become dead letters. */
  #buryBeyondLimit(line: Line): void {
    const { limits, onError } = this.#options;
    const tooMany = line.lane.waiting - limits.maxWaiting;
    if (tooMany <= 0) return;
    const failure = `more than ${limits.maxWaiting} were waiting`;
    this.#bury(line, line.lane.oldest(tooMany), failure).catch(onError);
  }

  #bury(line: Line, heads: readonly DispatchHead[], failure: string): Promise<void> {
    const deadAtMs = this.#options.clock.now();
    const writes = heads.map((head): TableWrite => {
      const letter = { ...head, deadAtMs };
      line.lane.settle(head, null);
      line.lane.add(letter);
      return { table: 'outbox', update: head.id, progress: progressOf(letter, failure) };
    });
    this.#trimDead(line);
    return this.#append(writes);
  }

  /** Forgets the dead letters that are too many or too old, now and when the next becomes too old. */
  #trimDead(line: Line): void {
    const { limits, clock, onError } = this.#options;
    const { lane } = line;
    const gone = lane.excessDead(limits.maxDeadLetters, clock.now() - limits.deadLetterMaxAgeMs);
    this.discarded(gone);
    this.#append(gone.map(({ id }) => ({ table: 'outbox', delete: id }))).catch(onError);
    const oldest = lane.oldestDead;
    if (!oldest || line.deadTimer || this.#stopping.signal.aborted) return;
    line.deadTimer = clock.setTimer(oldest.deadAtMs + limits.deadLetterMaxAgeMs, () => {
      line.deadTimer = null;
      this.#trimDead(line);
    });
  }

  async #append(writes: readonly TableWrite[]): Promise<void> {
    if (writes.length === 0) return;
    const { clock, journal } = this.#options;
    await untilTaken(clock, async () => {
      // A store that is closed or has failed keeps the rows, so everything is told again after the next start.
      try {
        return take(journal, { events: [], writes }, () => {});
      } catch (error) {
        if (error instanceof JournalError) return null;
        throw error;
      }
    });
  }
}

function headOf(row: DispatchRow): DispatchHead {
  const { id, receiver, chatId, queuedAtMs, dueAtMs, attempts, deadAtMs } = row;
  return { id, receiver, chatId, queuedAtMs, dueAtMs, attempts, deadAtMs };
}

function progressOf(head: DispatchHead, lastFailure: string): DispatchProgress {
  const { queuedAtMs, dueAtMs, attempts, deadAtMs } = head;
  return { queuedAtMs, dueAtMs, attempts, deadAtMs, lastFailure };
}
