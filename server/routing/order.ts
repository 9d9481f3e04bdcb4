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

/** Who is offered a chat first when nothing else decides: the longest ready, then the smaller id. */
export function compareReady(left: ReadyAgent, right: ReadyAgent): number {
  return left.readySinceMs - right.readySinceMs || compareText(left.agentId, right.agentId);
}
