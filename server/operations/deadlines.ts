import type { CountedNotices } from '../domain/activity.ts';
import { carries, offeredHandler, type Assignment, type Chat } from '../domain/chat.ts';
import type { Alarm } from '../domain/chat-event.ts';
import type { AgentId, ChatId } from '../domain/ids.ts';
import { pushSubscriptionOf } from '../domain/push-subscription.ts';

/** Something that falls due in a chat when nothing else happens first. */
export type Deadline = { readonly atMs: number } & (
  | { readonly kind: 'offer' | 'after-chat-work'; readonly agentId: AgentId }
  | { readonly kind: 'alarm'; readonly alarm: Alarm }
  | { readonly kind: 'idle-alert'; readonly number: 1 | 2 }
  | { readonly kind: 'idle-close' }
  | { readonly kind: 'customer-gone' }
);

/** What follows when nobody is active in a session (gms-customer-api §8, inactivity-control). */
export interface IdleLimits {
  readonly alertMs: number;
  /** 0: there is no second alert. */
  readonly alert2Ms: number;
  readonly closeMs: number;
  readonly notices: CountedNotices;
}

/** How long things may take in a chat, in milliseconds; 0: as long as they like. */
export interface TimeLimits {
  readonly lateReplyAlarmMs: number;
  readonly idleAlarmMs: number;
  readonly afterChatWorkMs: number;
  /** When this server began to look after the chat. Older offers ring for `offerGraceMs` from then at least. */
  readonly startedAtMs: number;
  readonly offerGraceMs: number;
  /** Since when the agent may have seen their offer; Infinity: not yet. 0: what the log says of it counts alone. */
  readonly offerShownAtMs: (chatId: ChatId, agentId: AgentId) => number;
  readonly idle: IdleLimits | null;
  /** Whoever was warned before this server began has so long to come back. */
  readonly idleGraceMs: number;
  /** How long a customer may go without a request; with a push subscription, and without. */
  readonly customerGoneMs: number;
  readonly customerPushMs: number;
}

/** When the next thing falls due; Infinity: never. Makes nothing, for it is asked after every step of every chat. */
export function nextDueAtMs(chat: Chat, limits: TimeLimits, lastSeenAtMs: number): number {
  let atMs = Infinity;
  for (const one of chat.assignments) atMs = Math.min(atMs, agentDueAtMs(chat, one, limits));
  if (chat.session === 'Ended') return atMs;
  return Math.min(
    atMs,
    alarmDueAtMs(chat, 'LateReply', limits),
    alarmDueAtMs(chat, 'Idle', limits),
    idleDueAtMs(chat, limits),
    goneAtMs(chat, limits, lastSeenAtMs),
  );
}

/**
 * The next thing to fall due: an offer runs out, an alarm is raised, after-chat work is over, nobody is active, or the
 * customer is gone. A function of the log, so a restart sets the same timer again; kept in memory are only when the
 * customer was last seen (Infinity: they are there) and when an offer could be shown.
 */
export function nextDeadline(chat: Chat, limits: TimeLimits, lastSeenAtMs: number): Deadline | null {
  const atMs = nextDueAtMs(chat, limits, lastSeenAtMs);
  if (atMs === Infinity) return null;
  for (const one of chat.assignments) {
    if (agentDueAtMs(chat, one, limits) !== atMs) continue;
    const kind = one.state === 'Invited' ? 'offer' : 'after-chat-work';
    return { kind, agentId: one.agentId, atMs };
  }
  for (const alarm of ['LateReply', 'Idle'] as const)
    if (alarmDueAtMs(chat, alarm, limits) === atMs) return { kind: 'alarm', alarm, atMs };
  if (idleDueAtMs(chat, limits) !== atMs) return { kind: 'customer-gone', atMs };
  const number = nextAlert(chat, limits.idle);
  return number === null ? { kind: 'idle-close', atMs } : { kind: 'idle-alert', number, atMs };
}

function agentDueAtMs(chat: Chat, assignment: Assignment, limits: TimeLimits): number {
  const { agentId, state, offerExpiresAtMs, sinceMs } = assignment;
  if (state === 'Invited' && offerExpiresAtMs !== undefined) {
    // Nobody could answer while there was no server, nor before the offer was on disk: only then they were told.
    const ringsMs = offerExpiresAtMs - sinceMs;
    const fromStartMs = sinceMs < limits.startedAtMs ? limits.startedAtMs + limits.offerGraceMs : 0;
    return Math.max(offerExpiresAtMs, fromStartMs, limits.offerShownAtMs(chat.id, agentId) + ringsMs);
  }
  // Whoever stays in a conversation that has ended is at their after-chat work as well.
  const isAfter = state === 'LeftChat' || (state === 'Chatting' && chat.session === 'Ended');
  if (!isAfter || limits.afterChatWorkMs === 0) return Infinity;
  return Math.max(sinceMs, chat.endedAtMs ?? 0) + limits.afterChatWorkMs;
}

/** Since when somebody has talked with the customer, without a break; null while nobody does. */
function carriedSinceMs(chat: Chat): number | null {
  for (const { state, role, sinceMs } of chat.assignments)
    if (state === 'Chatting' && carries(role)) return sinceMs;
  return null;
}

/** Alarms are for agents who are there; for them the time runs from when they came at the earliest. */
function alarmDueAtMs(chat: Chat, alarm: Alarm, limits: TimeLimits): number {
  const limitMs = alarm === 'LateReply' ? limits.lateReplyAlarmMs : limits.idleAlarmMs;
  const sinceMs = alarm === 'LateReply' ? chat.unansweredSinceMs : chat.lastSaidAtMs;
  if (limitMs === 0 || sinceMs === null || chat.alarms.includes(alarm)) return Infinity;
  const fromMs = carriedSinceMs(chat);
  return fromMs === null ? Infinity : Math.max(sinceMs, fromMs) + limitMs;
}

function nextAlert(chat: Chat, idle: IdleLimits | null): 1 | 2 | null {
  const raised = chat.activity.alert?.number ?? 0;
  if (raised === 0) return 1;
  return raised === 1 && idle !== null && idle.alert2Ms > 0 ? 2 : null;
}

/**
 * Whoever waits for an agent is not idle, so the time runs while somebody talks with the customer; in an asynchronous
 * chat also while it sleeps.
 */
function idleDueAtMs(chat: Chat, { idle, startedAtMs, idleGraceMs }: TimeLimits): number {
  if (!idle || chat.waiting || offeredHandler(chat)) return Infinity;
  if (!chat.isAsync && carriedSinceMs(chat) === null) return Infinity;
  const { alert, lastAtMs } = chat.activity;
  if (!alert) return lastAtMs[idle.notices] + idle.alertMs;
  if (nextAlert(chat, idle) === 2) return alert.atMs + idle.alert2Ms;
  // Nobody could write while there was no server.
  const fromMs = alert.atMs < startedAtMs ? startedAtMs + Math.min(idle.closeMs, idleGraceMs) : 0;
  return Math.max(alert.atMs + idle.closeMs, fromMs);
}

/** The customers of an asynchronous chat come and go as they like (gms-customer-api §9). */
function goneAtMs(chat: Chat, limits: TimeLimits, lastSeenAtMs: number): number {
  if (chat.isAsync) return Infinity;
  const limitMs = pushSubscriptionOf(chat) ? limits.customerPushMs : limits.customerGoneMs;
  return lastSeenAtMs + limitMs;
}
