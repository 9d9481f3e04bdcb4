import { isRefusal } from '@parley/contract/refusals.ts';
import type { Chat } from './chat.ts';
import type { ChatEvent } from './chat-event.ts';
import type { ChatCommand } from './commands.ts';
import { decide, decideRequest, stamp } from './decide.ts';
import type { ChatId, ContactId, ParticipantId } from './ids.ts';

/** A chat as tests of the rules begin it, and one command after the other. */

export const chatId = '0000Na9B26EF002X' as ChatId;
export const placement = { queue: 'support', priority: 0, ageingPerMinute: 1, skills: [] };
/** Why an agent was offered the chat. */
export const reason = {
  rule: 'longest-ready',
  waitedMs: 0,
  effectivePriority: 0,
  eligibleAgents: 1,
} as const;

type Request = Parameters<typeof decideRequest>[0];
type Lifetime = Pick<Request['requested'], 'isAsync' | 'stopAbandoned'>;

/** The events of a customer's request; what is given takes the place of what is usual. */
export function requestedEvents({
  lifetime = {},
  ...given
}: Partial<Omit<Request, 'requested'>> & { readonly lifetime?: Lifetime } = {}): readonly ChatEvent[] {
  return decideRequest({
    requested: {
      type: 'ChatRequested',
      service: 'customer-support',
      customer: { nickname: 'PersonP' },
      contactId: 'contact' as ContactId,
      secureKeyDigest: '',
      userData: {},
      ...lifetime,
    },
    participantId: 'p-customer' as ParticipantId,
    placement,
    ...given,
  });
}

/** The chat after a command that it must take, and the events of it. */
export function carriedOut(chat: Chat, command: ChatCommand, atMs: number): ReturnType<typeof stamp> {
  const decided = decide(chat, command);
  if (isRefusal(decided)) throw new Error(`${command.type}: ${decided.detail ?? decided.refused}`);
  return stamp(chat, decided, { chatId, atMs });
}
