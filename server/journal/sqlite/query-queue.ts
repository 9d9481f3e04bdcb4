import { JournalError } from '../journal-error.ts';
import type { Answers, FromReader, Query, StoreThread, ToReader } from './messages.ts';

interface Asked {
  readonly resolve: (answer: Answers[Query['type']]) => void;
  readonly reject: (error: JournalError) => void;
}

/** The queries on their way to the reader thread and back. */
export class QueryQueue {
  readonly #reader: StoreThread;
  readonly #maxWaiting: number;
  readonly #onDamage: (error: JournalError) => void;
  readonly #asked = new Map<number, Asked>();
  #nextId = 1;
  #gone: JournalError | null = null;

  /** `onDamage` hears of every query that found something damaged. */
  constructor(
    reader: StoreThread,
    options: { readonly maxWaiting: number; readonly onDamage: (error: JournalError) => void },
  ) {
    this.#reader = reader;
    this.#maxWaiting = options.maxWaiting;
    this.#onDamage = options.onDamage;
    reader.on('message', (message: FromReader) => this.#take(message));
  }

  /** Rejects with `JournalError`: `overloaded` when too many wait, `damaged`, `closed` or `failed` when nobody answers any more. */
  ask<Type extends Query['type']>(query: Extract<Query, { readonly type: Type }>): Promise<Answers[Type]> {
    if (this.#gone) return Promise.reject(this.#gone);
    if (this.#asked.size >= this.#maxWaiting)
      return Promise.reject(new JournalError('overloaded', 'Too many queries are waiting for the store.'));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      // The reader answers each type of query with its type of answer.
      this.#asked.set(id, { resolve: resolve as Asked['resolve'], reject });
      this.#reader.postMessage({ id, query } satisfies ToReader);
    });
  }

  /** Nobody answers any more; what waits, and whatever comes, is rejected with the error. */
  abandon(error: JournalError): void {
    this.#gone ??= error;
    for (const { reject } of this.#asked.values()) reject(this.#gone);
    this.#asked.clear();
  }

  #damaged(sentence: string): JournalError {
    const error = new JournalError('damaged', sentence);
    this.#onDamage(error);
    return error;
  }

  #take(message: FromReader): void {
    if (!('id' in message)) return;
    const asked = this.#asked.get(message.id);
    this.#asked.delete(message.id);
    if ('answer' in message) asked?.resolve(message.answer);
    else if ('damage' in message) asked?.reject(this.#damaged(message.damage));
    else asked?.reject(new JournalError('failed', `The store could not be read: ${message.failure}.`));
  }
}
