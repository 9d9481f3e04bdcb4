import { refuse, type Refusal } from '@parley/contract/refusals.ts';
import { carries, customerOf, evolve, isLive, offeredHandler, seated, type Chat } from './chat.ts';
import type { ChatEvent, UserData } from './chat-event.ts';
import type { Announcement, EventOf, SystemCommand } from './commands.ts';
import { left, promote } from './parting.ts';
import { announce } from './waiting.ts';

type Outcome = readonly ChatEvent[] | Refusal;
type CommandOf<Type extends SystemCommand['type']> = Extract<SystemCommand, { readonly type: Type }>;

/** Where a chat says that its customer has gone, and an asynchronous one that nobody is active (gms-customer-api §8, §9). */
const isOnline = 'IsOnline';
const asyncStatus = 'GCTI_Chat_AsyncStatus';
const asyncCheckAt = 'GCTI_Chat_AsyncCheckAt';

/** The keys of the user data that the contact centre alone writes. */
export const lifetimeKeys = [isOnline, asyncStatus, asyncCheckAt] as const;

/** How a session ends from the customer's side: why they are out of it, and why it is over. */
const endings = {
  CustomerLeave: { party: 'left', session: 'customer-left' },
  CustomerGone: { party: 'gone', session: 'customer-gone' },
  CloseIdle: { party: 'idle', session: 'idle' },
} as const satisfies Record<
  string,
  { party: EventOf<'ParticipantLeft'>['reason']; session: EventOf<'SessionEnded'>['reason'] }
>;

/**
 * The session ends with the customer's part in it. Whoever talks with them stays for their after-chat work; what becomes
 * of a chat without such agents, and of their work, says `stopAbandoned`.
 */
export function endSession(
  chat: Chat,
  how: keyof typeof endings,
  announcement?: Announcement,
): readonly ChatEvent[] {
  const { party, session } = endings[how];
  const { participantId } = customerOf(chat);
  const told = announcement ? announce(chat.parties.length + 1, announcement) : [];
  const gone: ChatEvent = { type: 'ParticipantLeft', participantId, reason: party, visibility: 'All' };
  const ended: ChatEvent = { type: 'SessionEnded', reason: session };
  if (outlivesSession(chat)) return [...told, gone, ended, ...goOn(chat)];
  if (chat.stopAbandoned === 'always') return [...told, gone, ...dismiss(chat), ended];
  const revoked = chat.assignments
    .filter(({ state }) => state === 'Invited')
    .map(({ agentId }): ChatEvent => ({ type: 'OfferRevoked', agentId, reason: 'session-ended' }));
  const carrying = seated(chat).filter((one) => carries(one.role));
  return [...told, gone, ...revoked, ...promote(carrying), ended];
}

/** Whether a chat that waits for an agent goes on without its customer. */
function outlivesSession(chat: Chat): boolean {
  const { stopAbandoned, waiting } = chat;
  const isAwaited = waiting || (offeredHandler(chat) && !seated(chat).some((one) => carries(one.role)));
  if (!isAwaited) return false;
  const isAnswered = chat.parties.some((one) => one.type === 'Agent' && one.visibility === 'All');
  return stopAbandoned === 'never' || (stopAbandoned === 'noanswer' && isAnswered);
}

/** The chat keeps its place, or its offer; desktops see that nobody is there any more (gms-customer-api §8). */
function goOn(chat: Chat): readonly ChatEvent[] {
  const offline: ChatEvent = { type: 'UserDataChanged', set: { [isOnline]: 'false' }, removed: [] };
  return chat.waiting ? [offline, { type: 'ChatQueued', reason: 'abandoned', ...chat.placement }] : [offline];
}

/** Nobody has anything left to do with the chat. */
function dismiss(chat: Chat): readonly ChatEvent[] {
  return chat.assignments.filter(isLive).flatMap((one): readonly ChatEvent[] => {
    const { agentId, state } = one;
    if (state === 'Invited') return [{ type: 'OfferRevoked', agentId, reason: 'session-ended' }];
    const completed: ChatEvent = { type: 'AgentCompleted', agentId, reason: 'session-ended' };
    return state === 'Chatting' ? [left(one, 'session-ended'), completed] : [completed];
  });
}

/** No sign of the customer for too long (gms-customer-api §8, flex-disconnect-timeout). */
export function customerGone(chat: Chat): Outcome {
  return chat.session === 'Open' ? endSession(chat, 'CustomerGone') : refuse('ChatEnded');
}

/** Nobody was active for too long: everybody is told. Refused when somebody has been since. */
export function alertIdle(chat: Chat, command: CommandOf<'AlertIdle'>): Outcome {
  const { number, counted, sinceMs, closesAtMs, announcement } = command;
  const { alert, lastAtMs } = chat.activity;
  if (chat.session === 'Ended') return refuse('ChatEnded');
  if ((alert?.number ?? 0) !== number - 1 || lastAtMs[counted] > sinceMs)
    return refuse('NotAllowedInState', 'Somebody was active.');
  const status = { [asyncStatus]: '3', [asyncCheckAt]: String(Math.ceil(closesAtMs / 1000)) };
  return [
    { type: 'IdleAlerted', number, counted },
    ...(chat.isAsync ? [{ type: 'UserDataChanged', set: status, removed: [] } as const] : []),
    ...(announcement ? announce(chat.parties.length + 1, announcement) : []),
  ];
}

/** Nobody was active after the alert either: the session ends. */
export function closeIdle(chat: Chat, { announcement }: CommandOf<'CloseIdle'>): Outcome {
  if (chat.session === 'Ended') return refuse('ChatEnded');
  if (!chat.activity.alert) return refuse('NotAllowedInState', 'Somebody was active.');
  return endSession(chat, 'CloseIdle', announcement);
}

/** An asynchronous chat in which nobody talks with the customer and nobody is asked to. */
export function isAsleep(chat: Chat): boolean {
  if (!chat.isAsync || chat.session === 'Ended' || chat.waiting) return false;
  return !chat.assignments.some(
    ({ state, role }) =>
      (state === 'Chatting' && carries(role)) || (state === 'Invited' && role === 'Handler'),
  );
}

/** With whatever else the events lead to in an asynchronous chat: it wakes, and the note of its silence goes. */
export function withConsequences(chat: Chat, events: readonly ChatEvent[]): readonly ChatEvent[] {
  if (!chat.isAsync) return events;
  const more = [...forgetSilence(chat, events), ...(isAsleep(chat) ? wake(chat, events) : [])];
  return more.length > 0 ? [...events, ...more] : events;
}

function forgetSilence(chat: Chat, events: readonly ChatEvent[]): readonly ChatEvent[] {
  const { activity, userData } = chat;
  if (!activity.alert || !Object.hasOwn(userData, asyncStatus)) return [];
  const { atMs } = activity.alert;
  let after = chat;
  for (const event of events) after = evolve(after, { chatId: chat.id, seq: after.seq + 1, atMs, event });
  if (after.activity.alert || after.session === 'Ended') return [];
  return [{ type: 'UserDataChanged', set: noUserData, removed: [asyncStatus, asyncCheckAt] }];
}

const noUserData: UserData = {};

/** What a customer does that somebody has to look at. */
const words = new Set<ChatEvent['type']>(['TextSent', 'UrlSent', 'FileUploaded']);

/** The customer has written: the chat waits again, for whoever had it last or else for anybody. */
function wake(chat: Chat, events: readonly ChatEvent[]): readonly ChatEvent[] {
  const { participantId } = customerOf(chat);
  const isSaid = events.some(
    (event) => words.has(event.type) && 'participantId' in event && event.participantId === participantId,
  );
  if (!isSaid) return [];
  const last = chat.assignments.findLast(({ role }) => role === 'Handler');
  return [
    // There is no after-chat work of a chat that goes on.
    ...chat.assignments
      .filter(({ state }) => state === 'LeftChat')
      .map(({ agentId }): ChatEvent => ({ type: 'AgentCompleted', agentId, reason: 'woken' })),
    {
      type: 'ChatQueued',
      reason: 'woken',
      ...chat.placement,
      ...(last ? { lastAgentId: last.agentId } : {}),
    },
  ];
}
