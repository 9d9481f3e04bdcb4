import type { AgentId, ChatId } from '@parley/server/domain/ids.ts';
import type { StoredEvent } from '@parley/server/domain/chat-event.ts';
import type { Journal } from '@parley/server/journal/journal.ts';

/** A stretch of time without a server, from the kill until the next one took requests; milliseconds since the epoch. */
export interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What the store holds of the offers that rang until they were taken back. */
export interface UnansweredOffers {
  readonly count: number;
  /** Those that were open while the server was killed. */
  readonly acrossOutages: number;
  readonly problems: readonly string[];
}

/** `seq` and `index` must be dense from 1, whatever happened in between. */
export function numberingProblems(chatId: string, events: readonly StoredEvent[]): string[] {
  const seqs = events.map(({ seq }) => seq);
  const indexes = events.flatMap(({ index }) => index ?? []);
  const dense = (numbers: readonly number[]): boolean => numbers.every((number, at) => number === at + 1);
  return [
    ...(dense(seqs) ? [] : [`${chatId}: seq is ${seqs.join()}`]),
    ...(dense(indexes) ? [] : [`${chatId}: the stored indexes are ${indexes.join()}`]),
  ];
}

export function countRejections(events: readonly StoredEvent[], agentId: AgentId): number {
  return events.filter(({ event }) => event.type === 'OfferRejected' && event.agentId === agentId).length;
}

export interface OfferTimes {
  readonly outages: readonly Outage[];
  /** When the last server was stopped. */
  readonly endedAtMs: number;
  /** The machine is busy: a timer may fire, and a start may get to its timers, so much later. */
  readonly slackMs: number;
}

/**
 * Every offer that nobody answered must have been taken back when its time was up, or as soon as there was a server
 * again, within `slackMs`; and never before.
 */
export function unansweredOffers(
  events: readonly StoredEvent[],
  { outages, endedAtMs, slackMs }: OfferTimes,
): UnansweredOffers {
  const problems: string[] = [];
  let open: { readonly offeredAtMs: number; readonly expiresAtMs: number } | undefined;
  let count = 0;
  let acrossOutages = 0;
  for (const { atMs, event, chatId } of events) {
    if (event.type === 'ChatOffered') open = { offeredAtMs: atMs, expiresAtMs: event.expiresAtMs };
    if (event.type !== 'OfferRevoked' || event.reason !== 'no-answer' || !open) continue;
    const { offeredAtMs, expiresAtMs } = open;
    count += 1;
    if (outages.some(({ fromMs }) => offeredAtMs <= fromMs && fromMs <= atMs)) acrossOutages += 1;
    const down = outages.find(({ fromMs, toMs }) => fromMs <= expiresAtMs + slackMs && expiresAtMs <= toMs);
    const dueAtMs = Math.max(expiresAtMs, down?.toMs ?? 0);
    if (atMs < expiresAtMs)
      problems.push(`${chatId}: an offer was taken back ${expiresAtMs - atMs} ms early`);
    if (atMs > dueAtMs + slackMs)
      problems.push(`${chatId}: an offer was taken back ${atMs - dueAtMs} ms late`);
    open = undefined;
  }
  if (open && open.expiresAtMs + slackMs < endedAtMs)
    problems.push(`an offer that ended ${endedAtMs - open.expiresAtMs} ms ago was never taken back`);
  return { count, acrossOutages, problems };
}

/** The stored log of each of these chats. */
export async function readStored(
  journal: Journal,
  chatIds: readonly string[],
): Promise<ReadonlyMap<string, readonly StoredEvent[]>> {
  const stored = new Map<string, readonly StoredEvent[]>();
  for (const chatId of chatIds) stored.set(chatId, await journal.chatEvents(chatId as ChatId));
  return stored;
}
