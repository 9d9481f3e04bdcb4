import type { Cancel, Clock } from '../clock.ts';
import type { ChatId } from '../domain/ids.ts';
import type { DispatchHead } from '../journal/journal.ts';

/** A dead letter as it is known without its body. */
export type DeadLetter = DispatchHead & { readonly deadAtMs: number };

/**
 * What one receiver has not confirmed, in the order in which it happened. The dispatches of one chat go one after the
 * other: the next when the one before is confirmed or given up. Those of different chats do not wait for each other.
 * Holds no bodies.
 */
export class Lane {
  readonly #clock: Clock;
  /** Something is ready. */
  readonly #onReady: () => void;
  readonly #waiting = new Map<string, DispatchHead>();
  readonly #dead = new Map<string, DeadLetter>();
  /** The waiting ones of each chat, the first of which is under way, ready, or waits for its time. */
  readonly #chats = new Map<ChatId, DispatchHead[]>();
  readonly #ready = new Set<ChatId>();
  readonly #timers = new Map<ChatId, Cancel>();
  readonly #underWay = new Set<ChatId>();

  constructor(clock: Clock, onReady: () => void) {
    this.#clock = clock;
    this.#onReady = onReady;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  get dead(): number {
    return this.#dead.size;
  }

  /** Takes in what is durable, waiting or dead, behind what is there. */
  add(head: DispatchHead): void {
    if (head.deadAtMs !== null) {
      this.#dead.set(head.id, { ...head, deadAtMs: head.deadAtMs });
      return;
    }
    if (this.#waiting.has(head.id)) return;
    this.#waiting.set(head.id, head);
    const chat = this.#chats.get(head.chatId);
    if (chat) chat.push(head);
    else {
      this.#chats.set(head.chatId, [head]);
      this.#wait(head);
    }
  }

  /** The next that is ready, which is under way from now on until `settle`; undefined when there is none. */
  take(): DispatchHead | undefined {
    for (const chatId of this.#ready) {
      this.#ready.delete(chatId);
      const [head] = this.#chats.get(chatId) ?? [];
      if (!head) continue;
      this.#underWay.add(chatId);
      return head;
    }
    return undefined;
  }

  /** What was under way is tried again at its new time, or with null is done with. */
  settle(head: DispatchHead, again: DispatchHead | null): void {
    this.#underWay.delete(head.chatId);
    const chat = this.#chats.get(head.chatId);
    // It was discarded meanwhile.
    if (!chat || !this.#waiting.has(head.id)) return this.#next(head.chatId);
    if (again === null) return this.remove(head.id);
    chat[0] = again;
    this.#waiting.set(again.id, again);
    this.#wait(again);
  }

  /** The waiting one or the dead letter is no more. */
  remove(id: string): void {
    this.#dead.delete(id);
    const head = this.#waiting.get(id);
    if (!head) return;
    this.#waiting.delete(id);
    const chat = this.#chats.get(head.chatId) ?? [];
    const wasFirst = chat[0]?.id === id;
    const at = chat.findIndex((one) => one.id === id);
    if (at >= 0) chat.splice(at, 1);
    if (wasFirst || chat.length === 0) this.#next(head.chatId);
  }

  /** The oldest waiting ones, so many, that are not under way. */
  oldest(count: number): readonly DispatchHead[] {
    const found: DispatchHead[] = [];
    for (const head of this.#waiting.values()) {
      if (found.length >= count) break;
      if (!this.#underWay.has(head.chatId)) found.push(head);
    }
    return found;
  }

  /** Of the dead letters the oldest: as many as are beyond `most`, and those that died at `untilMs` or before. */
  excessDead(most: number, untilMs: number): readonly DeadLetter[] {
    const found: DeadLetter[] = [];
    for (const letter of this.#dead.values()) {
      if (this.#dead.size - found.length <= most && letter.deadAtMs > untilMs) break;
      found.push(letter);
    }
    return found;
  }

  /** The dead letters, oldest first. */
  deadLetters(): readonly DeadLetter[] {
    return [...this.#dead.values()];
  }

  isDead(id: string): boolean {
    return this.#dead.has(id);
  }

  get oldestDead(): DeadLetter | undefined {
    const [first] = this.#dead.values();
    return first;
  }

  /** Those of a chat that have not been tried come at once, one after the other. */
  hasten(chatId: ChatId): void {
    const chat = this.#chats.get(chatId) ?? [];
    const nowMs = this.#clock.now();
    for (const [position, head] of chat.entries()) {
      if (head.attempts > 0 || head.dueAtMs <= nowMs) continue;
      const sooner = { ...head, dueAtMs: nowMs };
      chat[position] = sooner;
      this.#waiting.set(head.id, sooner);
    }
    const cancel = this.#timers.get(chatId);
    if (!cancel || chat[0]?.dueAtMs !== nowMs) return;
    cancel();
    this.#timers.delete(chatId);
    this.#makeReady(chatId);
  }

  stop(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#ready.clear();
  }

  #next(chatId: ChatId): void {
    if (this.#underWay.has(chatId)) return;
    this.#ready.delete(chatId);
    this.#timers.get(chatId)?.();
    this.#timers.delete(chatId);
    const [head] = this.#chats.get(chatId) ?? [];
    if (head) this.#wait(head);
    else this.#chats.delete(chatId);
  }

  #wait({ chatId, dueAtMs }: DispatchHead): void {
    if (dueAtMs <= this.#clock.now()) return this.#makeReady(chatId);
    const cancel = this.#clock.setTimer(dueAtMs, () => {
      this.#timers.delete(chatId);
      this.#makeReady(chatId);
    });
    this.#timers.set(chatId, cancel);
  }

  #makeReady(chatId: ChatId): void {
    this.#ready.add(chatId);
    this.#onReady();
  }
}
