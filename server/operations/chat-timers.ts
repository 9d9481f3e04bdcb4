import type { Cancel, Clock } from '../clock.ts';
import type { Chat } from '../domain/chat.ts';
import type { ChatId } from '../domain/ids.ts';
import { nextDeadline, nextDueAtMs, type Deadline, type TimeLimits } from './deadlines.ts';

export interface ChatTimersOptions {
  readonly clock: Clock;
  readonly limitsOf: (chat: Chat) => TimeLimits;
  /** The chat with all that is decided; undefined when it is not live. */
  readonly headOf: (chatId: ChatId) => Chat | undefined;
  /** When the customer was last seen; Infinity while they are there. */
  readonly lastSeenAtMs: (chat: Chat) => number;
  /** The deadline has come. */
  readonly onDue: (chatId: ChatId, deadline: Deadline) => void;
  /** A timer came so much later than it was set for: the machine slept, or the clock was put forward. */
  readonly onLate?: (lateMs: number) => void;
}

interface Armed {
  readonly atMs: number;
  readonly cancel: Cancel;
}

/**
 * At most one timer for each chat. What only puts a deadline off costs no timer: the one that is set comes too early
 * then, looks at the chat and is set anew. So it comes once in the shortest time that something may take, however much
 * is said.
 */
export class ChatTimers {
  readonly #options: ChatTimersOptions;
  readonly #armed = new Map<ChatId, Armed>();
  #isStopped = false;

  constructor(options: ChatTimersOptions) {
    this.#options = options;
  }

  /** The chat has changed, or its customer is not there any more. */
  follow(chat: Chat): void {
    const { limitsOf, lastSeenAtMs } = this.#options;
    const dueAtMs = nextDueAtMs(chat, limitsOf(chat), lastSeenAtMs(chat));
    const armed = this.#armed.get(chat.id);
    if (armed) {
      const isInTime = armed.atMs <= dueAtMs;
      // In an open session something falls due again soon; after it a timer could stand for nothing for long.
      if (isInTime && (dueAtMs !== Infinity || chat.session === 'Open')) return;
      armed.cancel();
      this.#armed.delete(chat.id);
    }
    this.#arm(chat.id, dueAtMs);
  }

  /** How many timers are set. */
  get size(): number {
    return this.#armed.size;
  }

  stop(): void {
    this.#isStopped = true;
    for (const { cancel } of this.#armed.values()) cancel();
    this.#armed.clear();
  }

  #arm(chatId: ChatId, atMs: number): void {
    if (atMs === Infinity || this.#isStopped) return;
    const cancel = this.#options.clock.setTimer(atMs, () => this.#look(chatId, atMs));
    this.#armed.set(chatId, { atMs, cancel });
  }

  #look(chatId: ChatId, setForMs: number): void {
    const { clock, headOf, limitsOf, lastSeenAtMs, onDue, onLate } = this.#options;
    this.#armed.delete(chatId);
    const chat = headOf(chatId);
    if (!chat) return;
    const nowMs = clock.now();
    onLate?.(nowMs - setForMs);
    const deadline = nextDeadline(chat, limitsOf(chat), lastSeenAtMs(chat));
    if (deadline && deadline.atMs <= nowMs) onDue(chatId, deadline);
    else this.#arm(chatId, deadline?.atMs ?? Infinity);
  }
}
