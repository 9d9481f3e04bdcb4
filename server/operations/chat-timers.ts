import type { Cancel, Clock } from '../clock.ts';
import { carries, seated, type Assignment, type Chat } from '../domain/chat.ts';
import type { Alarm } from '../domain/chat-event.ts';
import type { AgentId, ChatId } from '../domain/ids.ts';

/** Something that falls due in a chat when nothing else happens first. */
export type Deadline = { readonly atMs: number } & (
  | { readonly kind: 'offer' | 'after-chat-work'; readonly agentId: AgentId }
  | { readonly kind: 'alarm'; readonly alarm: Alarm }
);

/** How long things may take in a chat's queue, in milliseconds; 0: as long as they like. */
export interface TimeLimits {
  readonly lateReplyAlarmMs: number;
  readonly idleAlarmMs: number;
  readonly afterChatWorkMs: number;
  /** When this server began to look after the chat. Older offers ring for `offerGraceMs` from then at least. */
  readonly startedAtMs: number;
  readonly offerGraceMs: number;
}

/**
 * The next thing to fall due: an offer runs out, an alarm is raised, after-chat work is over. A fold of the log, so a
 * restart sets the same timer again.
 */
export function nextDeadline(chat: Chat, limits: TimeLimits): Deadline | null {
  let next: Deadline | null = null;
  for (const deadline of deadlines(chat, limits)) if (!next || deadline.atMs < next.atMs) next = deadline;
  return next;
}

function deadlines(chat: Chat, limits: TimeLimits): readonly Deadline[] {
  return [
    ...chat.assignments.flatMap((one) => agentDeadline(chat, one, limits) ?? []),
    ...(chat.session === 'Open' ? alarms(chat, limits) : []),
  ];
}

function agentDeadline(chat: Chat, assignment: Assignment, limits: TimeLimits): Deadline | null {
  const { state, agentId, offerExpiresAtMs, sinceMs } = assignment;
  if (state === 'Invited' && offerExpiresAtMs !== undefined) {
    // Nobody could answer while there was no server.
    const fromMs = sinceMs < limits.startedAtMs ? limits.startedAtMs + limits.offerGraceMs : 0;
    return { kind: 'offer', agentId, atMs: Math.max(offerExpiresAtMs, fromMs) };
  }
  // Whoever stays in a conversation that has ended is at their after-chat work as well.
  const isAfter = state === 'LeftChat' || (state === 'Chatting' && chat.session === 'Ended');
  if (!isAfter || limits.afterChatWorkMs === 0) return null;
  const fromMs = Math.max(sinceMs, chat.endedAtMs ?? 0);
  return { kind: 'after-chat-work', agentId, atMs: fromMs + limits.afterChatWorkMs };
}

/** Alarms are for agents who are there; for them the time runs from when they came at the earliest. */
function alarms(chat: Chat, { lateReplyAlarmMs, idleAlarmMs }: TimeLimits): readonly Deadline[] {
  if (lateReplyAlarmMs === 0 && idleAlarmMs === 0) return [];
  const [first] = seated(chat).filter((one) => carries(one.role));
  if (!first) return [];
  const found: Deadline[] = [];
  const watch = (alarm: Alarm, sinceMs: number | null, limitMs: number): void => {
    if (limitMs === 0 || sinceMs === null || chat.alarms.includes(alarm)) return;
    found.push({ kind: 'alarm', alarm, atMs: Math.max(sinceMs, first.sinceMs) + limitMs });
  };
  watch('LateReply', chat.unansweredSinceMs, lateReplyAlarmMs);
  watch('Idle', chat.lastSaidAtMs, idleAlarmMs);
  return found;
}

export interface ChatTimersOptions {
  readonly clock: Clock;
  readonly limitsOf: (chat: Chat) => TimeLimits;
  /** The deadline has come; it still holds, for any change of the chat would have set another. */
  readonly onDue: (chatId: ChatId, deadline: Deadline) => void;
}

/** One timer for each chat that has a deadline, set anew whenever the chat changes. */
export class ChatTimers {
  readonly #options: ChatTimersOptions;
  readonly #timers = new Map<ChatId, { readonly key: string; readonly cancel: Cancel }>();

  constructor(options: ChatTimersOptions) {
    this.#options = options;
  }

  /** Looks at the chat's newest state. */
  follow(chat: Chat): void {
    const { clock, limitsOf, onDue } = this.#options;
    const deadline = nextDeadline(chat, limitsOf(chat));
    const set = this.#timers.get(chat.id);
    const key = deadline ? keyOf(deadline) : '';
    if (set?.key === key) return;
    set?.cancel();
    this.#timers.delete(chat.id);
    if (!deadline) return;
    const cancel = clock.setTimer(deadline.atMs, () => {
      this.#timers.delete(chat.id);
      onDue(chat.id, deadline);
    });
    this.#timers.set(chat.id, { key, cancel });
  }

  stop(): void {
    for (const { cancel } of this.#timers.values()) cancel();
    this.#timers.clear();
  }
}

function keyOf(deadline: Deadline): string {
  const subject = deadline.kind === 'alarm' ? deadline.alarm : deadline.agentId;
  return `${deadline.kind} ${subject} ${deadline.atMs}`;
}
