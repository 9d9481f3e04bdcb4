import { createHmac, hash } from 'node:crypto';
import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { Clock } from '../clock.ts';
import type { Journal, RequestKeyRow, RequestOutcome, TableWrite } from '../journal/journal.ts';
import { KeyedRequest, onBehalfOf } from './keyed-request.ts';
import { take } from './take.ts';

export type { RequestOutcome } from '../journal/journal.ts';

/** An idempotency key, and whose it is and for what: keys of others, and of other routes, are other keys. */
export interface ScopedKey {
  readonly key: string;
  readonly scope: readonly string[];
}

/** A request that its client has given an idempotency key. */
export interface RequestWithKey<Answer> extends ScopedKey {
  /** Method, path and body: with the same key they must be the same. */
  readonly content: string;
  readonly carryOut: () => Promise<Answer | Refusal> | Answer | Refusal;
  /** The same answer once more, from what was done. */
  readonly answerAgain: (outcome: RequestOutcome) => Promise<Answer | Refusal> | Answer | Refusal;
  /** Whether `answerAgain` makes this answer from that outcome; if not, the answer is stored too. Absent: always. */
  readonly follows?: (answer: Answer, outcome: RequestOutcome) => boolean;
}

export interface KeyedAnswer<Answer> {
  readonly answer: Answer | Refusal;
  /** Whether it stands for a request that came before. */
  readonly isReplayed: boolean;
  /** What was done; nothing when it was refused. */
  readonly outcome?: RequestOutcome;
}

interface Known {
  readonly number: number;
  readonly fingerprint: string;
  readonly outcome: RequestOutcome;
  readonly atMs: number;
}

interface UnderWay {
  readonly fingerprint: string;
  readonly ended: Promise<Refusal | null>;
}

export interface RequestKeysOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  /** `idempotency` of the configuration. */
  readonly keepMs: number;
  readonly maxKeys: number;
}

/** How many are forgotten at once, and how often that is looked at: once in so many requests. */
const sweepLength = 128;
const sweepEvery = 64;
/** Numbers by which the stored rows are cut at their old end with one write; the rows between them are no more. */
const removalLength = 1024;

/**
 * The requests with an idempotency key that were carried out (docs/adr/0010), in memory and as rows that are written in
 * the transaction of what the request did. The same request once more is answered from its row; another one under the
 * same key is refused; one that comes while the first is under way waits for it. Refused requests leave no row, for they
 * have changed nothing.
 */
export class RequestKeys {
  readonly #options: RequestKeysOptions;
  readonly #known = new Map<string, Known>();
  readonly #underWay = new Map<string, UnderWay>();
  #lastNumber = 0;
  /** Stored rows up to this number are not wanted any more, and up to the other they are gone. */
  #forgotten = 0;
  #removed = 0;
  #untilSweep = sweepEvery;

  constructor(options: RequestKeysOptions) {
    this.#options = options;
  }

  /** Requests that are remembered. */
  get size(): number {
    return this.#known.size;
  }

  /** Takes over the stored rows, at start. */
  restore(rows: readonly RequestKeyRow[]): void {
    this.#removed = (rows[0]?.number ?? 1) - 1;
    for (const row of rows) {
      this.#lastNumber = row.number;
      this.#remember(row.digest, row);
    }
    while (this.#sweep() > 0);
  }

  /**
   * Forgets the requests whose stored answers mention one of these ids, and returns the writes that do so in the store:
   * part of erasing a person. Sent again, such a request is carried out anew.
   */
  forgetAbout(ids: readonly string[]): readonly TableWrite[] {
    const writes: TableWrite[] = [];
    for (const [digest, { number, outcome }] of this.#known) {
      if (outcome.answer === undefined) continue;
      const text = JSON.stringify(outcome.answer);
      if (!ids.some((id) => text.includes(id))) continue;
      this.#known.delete(digest);
      writes.push({ table: 'request_keys', forget: number });
    }
    return writes;
  }

  /** Whether a request under this key was carried out, or is under way. */
  has({ scope, key }: ScopedKey): boolean {
    const digest = digestOf(...scope, key);
    return this.#underWay.has(digest) || this.#find(digest) !== undefined;
  }

  /** Like `ask`, for a request that may have come without a key: then it is carried out. */
  async askPerhaps<Answer>(
    scoped: ScopedKey | null,
    request: Omit<RequestWithKey<Answer>, keyof ScopedKey>,
  ): Promise<KeyedAnswer<Answer>> {
    return scoped
      ? this.ask({ ...scoped, ...request })
      : { answer: await request.carryOut(), isReplayed: false };
  }

  /** Carries the request out, unless that was done before. Rejects when carrying it out does. */
  async ask<Answer>(request: RequestWithKey<Answer>): Promise<KeyedAnswer<Answer>> {
    const digest = digestOf(...request.scope, request.key);
    // Made with the key, so that the row tells nothing of what was said, however short, to who has no key.
    const fingerprint = createHmac('sha256', request.key)
      .update(request.content)
      .digest('base64url')
      .slice(0, 22);
    for (;;) {
      const underWay = this.#underWay.get(digest);
      const known = this.#find(digest);
      const before = underWay ?? known;
      if (!before) return this.#first(request, digest, fingerprint);
      if (before.fingerprint !== fingerprint) return { answer: refuse('KeyReused'), isReplayed: false };
      if (!underWay && known) {
        const { outcome } = known;
        return { answer: await request.answerAgain(outcome), isReplayed: true, outcome };
      }
      const refused = await underWay?.ended;
      if (refused) return { answer: refused, isReplayed: true };
    }
  }

  #find(digest: string): Known | undefined {
    const known = this.#known.get(digest);
    return known && known.atMs + this.#options.keepMs > this.#options.clock.now() ? known : undefined;
  }

  async #first<Answer>(
    request: RequestWithKey<Answer>,
    digest: string,
    fingerprint: string,
  ): Promise<KeyedAnswer<Answer>> {
    const ended = Promise.withResolvers<Refusal | null>();
    this.#underWay.set(digest, { fingerprint, ended: ended.promise });
    const atMs = this.#options.clock.now();
    let number = 0;
    const writesFor = (outcome: RequestOutcome): readonly TableWrite[] => {
      number = this.#lastNumber += 1;
      const row = { number, digest, fingerprint, outcome, atMs };
      return [{ table: 'request_keys', row }, ...this.#removal()];
    };
    const remember = (outcome: RequestOutcome): void =>
      this.#remember(digest, { number, fingerprint, outcome, atMs });
    const keyed = new KeyedRequest({ key: request.key, writesFor });
    const note = async (outcome: RequestOutcome): Promise<Refusal | null> => {
      const refusedNote = await this.#write(writesFor(outcome));
      if (!refusedNote) remember(outcome);
      return refusedNote;
    };
    let refused: Refusal | null = null;
    try {
      const answer = await onBehalfOf(keyed, async () => request.carryOut()).finally(() => {
        keyed.end();
        // Also when it fails after that: what it has appended is not taken back.
        if (keyed.isNoted) remember(keyed.outcome);
      });
      refused = await this.#settle(request, { answer, keyed, note });
      return refused
        ? { answer: refused, isReplayed: false }
        : { answer, isReplayed: false, outcome: keyed.outcome };
    } finally {
      this.#underWay.delete(digest);
      ended.resolve(refused);
    }
  }

  /** Notes what the first append could not know. Refused when the answer is, or when the note cannot be taken. */
  async #settle<Answer>(
    { follows }: RequestWithKey<Answer>,
    done: {
      readonly answer: Answer | Refusal;
      readonly keyed: KeyedRequest;
      readonly note: (outcome: RequestOutcome) => Promise<Refusal | null>;
    },
  ): Promise<Refusal | null> {
    const { answer, keyed, note } = done;
    if (isRefusal(answer)) {
      // It has done something and was refused then: the client may try again.
      if (keyed.isNoted) await note({ isVoid: true });
      return answer;
    }
    const isEnough = follows?.(answer, keyed.outcome) ?? true;
    if (keyed.isNoted && isEnough) return null;
    return note(isEnough ? keyed.outcome : { ...keyed.outcome, answer });
  }

  #write(writes: readonly TableWrite[]): Promise<Refusal | null> {
    return new Promise((resolve, reject) => {
      try {
        const refused = take(this.#options.journal, { events: [], writes }, () => resolve(null));
        if (refused) resolve(refused);
      } catch (error) {
        reject(error as Error);
      }
    });
  }

  #remember(digest: string, { number, fingerprint, outcome, atMs }: Known): void {
    // The newest stand last, so that the oldest are found first.
    this.#known.delete(digest);
    if (outcome.isVoid !== true) this.#known.set(digest, { number, fingerprint, outcome, atMs });
    this.#untilSweep -= 1;
    if (this.#untilSweep > 0) return;
    this.#untilSweep = sweepEvery;
    this.#sweep();
  }

  /** Forgets some of the oldest that are too old or too many; how many. */
  #sweep(): number {
    const oldest = this.#options.clock.now() - this.#options.keepMs;
    let forgotten = 0;
    for (const [digest, { number, atMs }] of this.#known) {
      const isWanted = atMs > oldest && this.#known.size <= this.#options.maxKeys;
      if (isWanted || forgotten >= sweepLength) break;
      this.#known.delete(digest);
      this.#forgotten = Math.max(this.#forgotten, number);
      forgotten += 1;
    }
    return forgotten;
  }

  /** What is forgotten goes from the disk with the next rows that are written, a part at a time. */
  #removal(): readonly TableWrite[] {
    if (this.#forgotten < this.#removed + sweepEvery) return [];
    this.#removed = Math.min(this.#forgotten, this.#removed + removalLength);
    return [{ table: 'request_keys', forgetUpTo: this.#removed }];
  }
}

/** 128 bits of SHA-256; the lengths stand before the parts, so that no two lists of parts read the same. */
function digestOf(...parts: readonly string[]): string {
  const text = parts.map((part) => `${part.length}:${part}`).join();
  return hash('sha256', text, 'base64url').slice(0, 22);
}
