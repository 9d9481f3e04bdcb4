import type { Before } from './binary-heap.ts';
import type { ReadyAgent, WaitingChat } from './snapshot.ts';

/** How long the chat has waited; never negative, even when the clock was set back. */
export function waitedMs(chat: WaitingChat, nowMs: number): number {
  return Math.max(0, nowMs - chat.waitingSinceMs);
}

/** Priority with ageing at `nowMs`: each minute of waiting adds `ageingPerMinute`, by the millisecond. */
export function effectivePriority(chat: WaitingChat, nowMs: number): number {
  return chat.priority + (chat.ageingPerMinute * waitedMs(chat, nowMs)) / 60_000;
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/**
 * Who is served first: the higher effective priority, then the longer wait, then the smaller id. Ids are compared by
 * code unit, so that the order is the same on every machine.
 */
export function compareWaiting(left: WaitingChat, right: WaitingChat, nowMs: number): number {
  return (
    effectivePriority(right, nowMs) - effectivePriority(left, nowMs) ||
    left.waitingSinceMs - right.waitingSinceMs ||
    compareText(left.chatId, right.chatId)
  );
}

/** The order of `compareWaiting` among places in the list, with what it looks at worked out once. */
export function placesInOrder(waiting: readonly WaitingChat[], nowMs: number): Before {
  const priorities = new Float64Array(waiting.length);
  const sinceMs = new Float64Array(waiting.length);
  waiting.forEach((chat, place) => {
    priorities[place] = effectivePriority(chat, nowMs);
    sinceMs[place] = chat.waitingSinceMs;
  });
  return (left, right) => {
    const byPriority = (priorities[right] ?? 0) - (priorities[left] ?? 0);
    if (byPriority !== 0) return byPriority < 0;
    const bySince = (sinceMs[left] ?? 0) - (sinceMs[right] ?? 0);
    if (bySince !== 0) return bySince < 0;
    return compareText(waiting[left]?.chatId ?? '', waiting[right]?.chatId ?? '') < 0;
  };
}

/** Who is offered a chat first when nothing else decides: the longest ready, then the smaller id. */
export function compareReady(left: ReadyAgent, right: ReadyAgent): number {
  return left.readySinceMs - right.readySinceMs || compareText(left.agentId, right.agentId);
}
