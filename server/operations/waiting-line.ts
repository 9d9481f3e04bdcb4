import type { Clock } from '../clock.ts';
import type { Chat } from '../domain/chat.ts';
import type { ChatId } from '../domain/ids.ts';
import { compareWaiting } from '../routing/order.ts';
import type { WaitingChat } from '../routing/snapshot.ts';
import { estimateWaitMs, paceLength } from '../routing/wait-estimate.ts';

/** Where a waiting customer stands. */
export interface PlaceInLine {
  /** From 1. */
  readonly position: number;
  /** Null when too few were served of late to go by. */
  readonly estimatedWaitMs: number | null;
}

export interface WaitingLineOptions {
  readonly clock: Clock;
  readonly waiting: () => readonly WaitingChat[];
}

/** How long an order of waiting chats holds while none comes or goes: ageing can change it. */
const orderHoldsMs = 1000;

/**
 * Who is next in each queue, for the customers who ask. Kept in memory: after a restart there is no estimate until
 * some have been served again. Holds the times of `paceLength` chats a queue.
 */
export class WaitingLine {
  readonly #options: WaitingLineOptions;
  readonly #takenAtMs = new Map<string, number[]>();
  #places: { readonly atMs: number; readonly byChat: ReadonlyMap<ChatId, number> } | null = null;

  constructor(options: WaitingLineOptions) {
    this.#options = options;
  }

  /** A chat has changed. */
  follow(before: Chat | null, after: Chat): void {
    if (before?.waiting !== after.waiting || before.placement !== after.placement) this.#places = null;
    const isTaken = after.assignments.some(
      (one) =>
        one.role === 'Handler' &&
        one.state === 'Chatting' &&
        before?.assignments.find(({ agentId }) => agentId === one.agentId)?.state === 'Invited',
    );
    if (!isTaken) return;
    const { queue } = after.placement;
    const taken = this.#takenAtMs.get(queue) ?? [];
    this.#takenAtMs.set(queue, [...taken, this.#options.clock.now()].slice(-paceLength));
  }

  /** Null when the chat does not wait. */
  placeOf(chat: Chat): PlaceInLine | null {
    const nowMs = this.#options.clock.now();
    const position = this.#placesAt(nowMs).get(chat.id);
    if (position === undefined) return null;
    const taken = this.#takenAtMs.get(chat.placement.queue) ?? [];
    return { position, estimatedWaitMs: estimateWaitMs(position, taken, nowMs) };
  }

  #placesAt(nowMs: number): ReadonlyMap<ChatId, number> {
    const known = this.#places;
    if (known && nowMs >= known.atMs && nowMs < known.atMs + orderHoldsMs) return known.byChat;
    const served = new Map<string, number>();
    const byChat = new Map<ChatId, number>();
    const inOrder = [...this.#options.waiting()].sort((one, other) => compareWaiting(one, other, nowMs));
    for (const { chatId, queue } of inOrder) {
      const position = (served.get(queue) ?? 0) + 1;
      served.set(queue, position);
      byChat.set(chatId, position);
    }
    this.#places = { atMs: nowMs, byChat };
    return byChat;
  }
}
