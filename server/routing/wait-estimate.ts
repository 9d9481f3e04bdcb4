/** How many chats taken from a queue are looked at, and how old they may be. */
export const paceLength = 50;
export const paceWindowMs = 30 * 60_000;
/** With fewer there is nothing to go by. */
const leastTaken = 3;

/**
 * How long a customer at this place (from 1) will wait yet, in milliseconds, when agents go on taking chats from the
 * queue at the pace of the last half hour; null when fewer than three were taken in it. `takenAtMs`: oldest first.
 */
export function estimateWaitMs(position: number, takenAtMs: readonly number[], nowMs: number): number | null {
  const recent = takenAtMs.filter((atMs) => atMs > nowMs - paceWindowMs);
  const [first] = recent;
  if (first === undefined || recent.length < leastTaken) return null;
  // Up to now, not up to the last: a queue that nobody serves any more is getting slower.
  const perChatMs = (nowMs - first) / recent.length;
  return Math.round(position * perChatMs);
}
