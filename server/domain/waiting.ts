import { refuse, type Refusal } from '@parley/contract/refusals.ts';
import { customerOf, type Chat } from './chat.ts';
import type { ChatEvent } from './chat-event.ts';
import type { Announcement, SystemCommand } from './commands.ts';

type CommandOf<Type extends SystemCommand['type']> = Extract<SystemCommand, { readonly type: Type }>;

/**
 * The contact centre itself says something: a party of the type `External` comes, says it and goes, for every message
 * has a speaker who joined. The customer's API knows that type as that of workflows (gms-customer-api §4).
 */
export function announce(ordinal: number, { participantId, nickname, text }: Announcement): ChatEvent[] {
  const visibility = 'All';
  return [
    {
      type: 'ParticipantJoined',
      participant: { participantId, ordinal, type: 'External', nickname, visibility },
    },
    { type: 'TextSent', participantId, visibility, text, treatAs: 'System' },
    { type: 'ParticipantLeft', participantId, reason: 'left', visibility },
  ];
}

/** Sends a waiting chat to another queue. It keeps its first wait, and whom it was not to be offered to. */
export function overflow(chat: Chat, { placement }: CommandOf<'Overflow'>): readonly ChatEvent[] | Refusal {
  if (!chat.waiting) return notWaiting();
  return [{ type: 'ChatQueued', reason: 'overflow', ...placement }];
}

/** Ends a chat that waits for somebody to talk to; not one whose conversation has ended. */
export function giveUp(chat: Chat, { announcement }: CommandOf<'GiveUp'>): readonly ChatEvent[] | Refusal {
  if (!chat.waiting || chat.session === 'Ended') return notWaiting();
  const told = announcement ? announce(chat.parties.length + 1, announcement) : [];
  const { participantId } = customerOf(chat);
  return [
    ...told,
    { type: 'ParticipantLeft', participantId, reason: 'not-served', visibility: 'All' },
    { type: 'SessionEnded', reason: 'not-served' },
  ];
}

function notWaiting(): Refusal {
  return refuse('NotAllowedInState', 'The chat is not waiting for an agent.');
}
