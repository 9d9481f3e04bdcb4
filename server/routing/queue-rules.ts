import type { ChatId } from '../domain/ids.ts';

/** What a queue does with chats that it cannot serve. */
export interface QueueRules {
  /** How many chats may wait in it; null: any number. */
  readonly maxWaiting: number | null;
  readonly whenFull: 'Refuse' | 'Overflow';
  /** How long a chat may wait in all; null: for ever. */
  readonly maxWaitMs: number | null;
  readonly whenWaitedTooLong: 'End' | 'Overflow';
  /** Nobody who could take the chat has signed in. */
  readonly whenUnstaffed: 'Wait' | 'Refuse' | 'Overflow';
  readonly overflowQueue: string | null;
}

/** Where a new chat comes to wait, or why it does not. */
export type Admission =
  | { readonly kind: 'Enter'; readonly queue: string }
  | { readonly kind: 'Refuse'; readonly queue: string; readonly because: 'full' | 'unstaffed' };

/** What the rules are asked about. */
export interface QueueSight {
  /** Undefined for a queue that is not there any more. */
  readonly rulesOf: (queue: string) => QueueRules | undefined;
  readonly waitingIn: (queue: string) => number;
  /** Whether anybody who serves the queue and has its skills has signed in, ready or not. */
  readonly isStaffed: (queue: string) => boolean;
}

/** The queue may have been removed since it was named. */
function overflowOf({ overflowQueue }: QueueRules, { rulesOf }: Pick<QueueSight, 'rulesOf'>): string | null {
  return overflowQueue !== null && rulesOf(overflowQueue) ? overflowQueue : null;
}

/**
 * Whether a new chat for this queue is taken and in which queue it then waits. A full queue sends it on to its overflow
 * queue, which goes by its own rules; when that leads back to a queue that was full already, it is refused. For want
 * of people it goes on only to where somebody has signed in, otherwise it waits in its own queue.
 */
export function admit(first: string, sight: QueueSight): Admission {
  const seen = new Set<string>();
  let queue = first;
  for (;;) {
    const rules = sight.rulesOf(queue);
    if (!rules) return { kind: 'Enter', queue };
    if (seen.has(queue)) return { kind: 'Refuse', queue, because: 'full' };
    seen.add(queue);
    const overflowQueue = overflowOf(rules, sight);
    if (rules.maxWaiting !== null && sight.waitingIn(queue) >= rules.maxWaiting) {
      if (rules.whenFull === 'Refuse' || overflowQueue === null)
        return { kind: 'Refuse', queue, because: 'full' };
      queue = overflowQueue;
      continue;
    }
    if (rules.whenUnstaffed === 'Wait' || sight.isStaffed(queue)) return { kind: 'Enter', queue };
    if (rules.whenUnstaffed === 'Refuse') return { kind: 'Refuse', queue, because: 'unstaffed' };
    if (overflowQueue === null || !sight.isStaffed(overflowQueue)) return { kind: 'Enter', queue };
    queue = overflowQueue;
  }
}

/** A chat that waits for somebody to talk to. */
export interface PatientChat {
  readonly chatId: ChatId;
  readonly queue: string;
  readonly waitingSinceMs: number;
  /** Whether anybody who could take it, with what is asked for now, has signed in. Asked only when it matters. */
  readonly isStaffed: () => boolean;
}

/** A chat that does not stay in its queue. */
export type Departure =
  | {
      readonly kind: 'Overflow';
      readonly chatId: ChatId;
      readonly queue: string;
      readonly because: 'waited' | 'unstaffed';
    }
  | { readonly kind: 'End'; readonly chatId: ChatId };

export interface Departures {
  readonly departures: readonly Departure[];
  /** When the next wait is over; null when none ends by itself. */
  readonly nextAtMs: number | null;
}

/**
 * Which of the waiting chats leave their queue now. One whose wait is over goes to the overflow queue, or ends; one for
 * whom nobody has signed in goes to the overflow queue when somebody has there. Pure.
 */
export function departuresOf(
  nowMs: number,
  chats: readonly PatientChat[],
  sight: Pick<QueueSight, 'rulesOf' | 'isStaffed'>,
): Departures {
  const departures: Departure[] = [];
  let nextMs = Infinity;
  for (const chat of chats) {
    const rules = sight.rulesOf(chat.queue);
    if (!rules) continue;
    const { chatId, waitingSinceMs } = chat;
    const { maxWaitMs, whenWaitedTooLong } = rules;
    const target = overflowOf(rules, sight);
    const isLast = whenWaitedTooLong === 'Overflow' && target === null;
    const endsAtMs = maxWaitMs === null || isLast ? Infinity : waitingSinceMs + maxWaitMs;
    if (endsAtMs <= nowMs) {
      if (whenWaitedTooLong === 'End') departures.push({ kind: 'End', chatId });
      else if (target !== null)
        departures.push({ kind: 'Overflow', chatId, queue: target, because: 'waited' });
      continue;
    }
    nextMs = Math.min(nextMs, endsAtMs);
    if (rules.whenUnstaffed !== 'Overflow' || target === null) continue;
    if (!chat.isStaffed() && sight.isStaffed(target))
      departures.push({ kind: 'Overflow', chatId, queue: target, because: 'unstaffed' });
  }
  return { departures, nextAtMs: nextMs === Infinity ? null : nextMs };
}
