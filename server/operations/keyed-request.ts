import { AsyncLocalStorage } from 'node:async_hooks';
import { createHmac } from 'node:crypto';
import { newSecureKey, type RandomBytes } from '../domain/ids.ts';
import type { Journal, JournalEntry, RequestOutcome, TableWrite } from '../journal/journal.ts';

/** What `RequestKeys` gives a request on its way. */
export interface KeyedRequestOptions {
  /** The idempotency key itself; it is stored as a digest only. */
  readonly key: string;
  /** The writes by which an outcome is stored. */
  readonly writesFor: (outcome: RequestOutcome) => readonly TableWrite[];
}

/**
 * A request with an idempotency key while it is carried out. The first thing that is appended on its behalf takes the
 * note of the key along, in the same transaction: either both are durable or neither is.
 */
export class KeyedRequest {
  readonly #options: KeyedRequestOptions;
  #outcome: RequestOutcome = {};
  #isNoted = false;
  #isOver = false;

  constructor(options: KeyedRequestOptions) {
    this.#options = options;
  }

  /** What it has done, as far as is known. */
  get outcome(): RequestOutcome {
    return this.#outcome;
  }

  /** Whether the note is on its way to the disk. */
  get isNoted(): boolean {
    return this.#isNoted;
  }

  /** Nothing that comes later is done on its behalf. */
  end(): void {
    this.#isOver = true;
  }

  know(outcome: RequestOutcome): void {
    if (!this.#isNoted && !this.#isOver) this.#outcome = { ...this.#outcome, ...outcome };
  }

  /** A secret that only who has the key and the salt can make again (docs/adr/0010). */
  newSecureKey(random: RandomBytes): string {
    const salt = newSecureKey(random);
    this.know({ salt });
    return deriveSecureKey(this.#options.key, salt);
  }

  append(journal: Journal, entry: JournalEntry, onDurable: () => void): void {
    if (this.#isNoted || this.#isOver) return journal.append(entry, onDurable);
    const outcome = { ...this.#outcome, ...chatIn(entry) };
    const writes = [...entry.writes, ...this.#options.writesFor(outcome)];
    journal.append({ ...entry, writes }, onDurable);
    this.#outcome = outcome;
    this.#isNoted = true;
  }
}

function chatIn({ events }: JournalEntry): RequestOutcome {
  const [first, last] = [events[0], events.at(-1)];
  return first && last ? { chat: { id: first.chatId, fromSeq: first.seq, toSeq: last.seq } } : {};
}

/** The secret of a chat that was opened with an idempotency key: 32 hex digits, as others. */
export function deriveSecureKey(key: string, salt: string): string {
  return createHmac('sha256', key).update(salt).digest('hex').slice(0, 32);
}

const underWay = new AsyncLocalStorage<KeyedRequest>();

/** Runs the work of a request; what it appends is on the request's behalf. */
export function onBehalfOf<Result>(request: KeyedRequest, work: () => Result): Result {
  return underWay.run(request, work);
}

/** Starts something that is nobody's request, though one may have been the occasion: a round of the router. */
export function onNobodysBehalf<Result>(work: () => Result): Result {
  return underWay.exit(work);
}

/** Appends, with the note of the request on whose behalf it is done, if that has a key. Throws as `Journal.append` does. */
export function appendTo(journal: Journal, entry: JournalEntry, onDurable: () => void): void {
  const request = underWay.getStore();
  if (request) request.append(journal, entry, onDurable);
  else journal.append(entry, onDurable);
}

/** Says before the append what the answer will be, where it does not follow from the events. */
export function foretell<Answer extends object>(answer: Answer): Answer {
  underWay.getStore()?.know({ answer });
  return answer;
}

/** Tells of which state of a chat the answer speaks, where nothing is appended. */
export function speaksOf(chat: {
  readonly id: NonNullable<RequestOutcome['chat']>['id'];
  readonly seq: number;
}): void {
  underWay.getStore()?.know({ chat: { id: chat.id, fromSeq: chat.seq + 1, toSeq: chat.seq } });
}

/** The secret of a new chat: of a request with an idempotency key one that can be told again. */
export function secureKeyFor(random: RandomBytes): string {
  return underWay.getStore()?.newSecureKey(random) ?? newSecureKey(random);
}
