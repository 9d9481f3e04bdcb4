import type { Cancel, Clock } from '../clock.ts';
import type { Chat } from '../domain/chat.ts';
import type { AgentId, ChatId } from '../domain/ids.ts';

/** Something that falls due in a chat when nothing else happens first. */
export interface Deadline {
  readonly atMs: number;
  readonly agentId: AgentId;
}

/** The next offer to run out. A fold of the log, so a restart sets the same timer again. */
export function nextDeadline(chat: Chat): Deadline | null {
  let next: Deadline | null = null;
  for (const { state, agentId, offerExpiresAtMs } of chat.assignments) {
    if (state !== 'Invited' || offerExpiresAtMs === undefined) continue;
    if (!next || offerExpiresAtMs < next.atMs) next = { atMs: offerExpiresAtMs, agentId };
  }
  return next;
}

/** One timer for each chat that has a deadline, set anew whenever the chat changes. */
export class ChatTimers {
  readonly #clock: Clock;
  readonly #due: (chatId: ChatId, deadline: Deadline) => void;
  readonly #timers = new Map<ChatId, Deadline & { readonly cancel: Cancel }>();

  constructor(clock: Clock, due: (chatId: ChatId, deadline: Deadline) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  /** Looks at the chat's newest state. */
  follow(chat: Chat): void {
    const deadline = nextDeadline(chat);
    const set = this.#timers.get(chat.id);
    if (set && set.atMs === deadline?.atMs && set.agentId === deadline.agentId) return;
    set?.cancel();
    this.#timers.delete(chat.id);
    if (!deadline) return;
    const cancel = this.#clock.setTimer(deadline.atMs, () => {
      this.#timers.delete(chat.id);
      this.#due(chat.id, deadline);
    });
    this.#timers.set(chat.id, { ...deadline, cancel });
  }

  stop(): void {
    for (const { cancel } of this.#timers.values()) cancel();
    this.#timers.clear();
  }
}
