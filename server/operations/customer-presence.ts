import type { Clock } from '../clock.ts';
import type { Chat } from '../domain/chat.ts';
import type { ChatId } from '../domain/ids.ts';

interface Signs {
  /** When the last request came, or the last tab stopped to listen. */
  atMs: number;
  /** Tabs that listen now. */
  tabs: number;
}

/**
 * When customers were last seen: by their requests and by the tabs that listen. Kept in memory only, for a poll must
 * cost nothing: after a restart everybody counts as just seen. Holds an entry for each open chat that was heard of since.
 */
export class CustomerPresence {
  readonly #clock: Clock;
  readonly #signs = new Map<ChatId, Signs>();
  /** Nobody counts as unseen since before then. */
  #heardSinceMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#heardSinceMs = clock.now();
  }

  /** A request with the right key for an open chat has come in. */
  requested(chatId: ChatId): void {
    const known = this.#signs.get(chatId);
    if (known) known.atMs = this.#clock.now();
    else this.#signs.set(chatId, { atMs: this.#clock.now(), tabs: 0 });
  }

  /** A tab listens to the chat. */
  opened(chatId: ChatId): void {
    this.requested(chatId);
    const signs = this.#signs.get(chatId);
    if (signs) signs.tabs += 1;
  }

  /** A tab listens no more; true when it was the last: the time runs from now on. */
  closed(chatId: ChatId): boolean {
    const signs = this.#signs.get(chatId);
    if (!signs || signs.tabs === 0) return false;
    signs.tabs -= 1;
    signs.atMs = this.#clock.now();
    return signs.tabs === 0;
  }

  /** The session of the chat is over. */
  forget(chatId: ChatId): void {
    this.#signs.delete(chatId);
  }

  /** Until now nobody could be heard: the server has started, or the machine slept. */
  startAnew(): void {
    this.#heardSinceMs = this.#clock.now();
  }

  /** When the customer was last seen; Infinity while a tab of theirs listens. */
  lastSeenAtMs({ id, requestedAtMs }: Pick<Chat, 'id' | 'requestedAtMs'>): number {
    const nowMs = this.#clock.now();
    const signs = this.#signs.get(id);
    if (signs && signs.tabs > 0) return Infinity;
    const seenAtMs = signs?.atMs ?? requestedAtMs;
    if (Math.max(seenAtMs, this.#heardSinceMs) <= nowMs) return Math.max(seenAtMs, this.#heardSinceMs);
    // The clock was put back: nobody must stay for as long as that.
    this.#heardSinceMs = Math.min(this.#heardSinceMs, nowMs);
    this.#signs.set(id, { atMs: Math.min(seenAtMs, nowMs), tabs: 0 });
    return nowMs;
  }
}
