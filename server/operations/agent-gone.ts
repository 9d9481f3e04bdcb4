import type { Refusal } from '@parley/contract/refusals.ts';
import { signedOut } from '../domain/agent.ts';
import { assignmentOf } from '../domain/chat.ts';
import type { Announcement } from '../domain/commands.ts';
import { newParticipantId, type AgentId } from '../domain/ids.ts';
import type { RosterChange } from './agent-roster.ts';
import type { Origin } from './chat-book.ts';
import type { Operations } from './operations.ts';
import { untilTaken } from './take.ts';

/**
 * Takes back what is offered to an agent who cannot hear it. Their other chats stay theirs. The chat may be offered to
 * them again as soon as they are back: they have declined nothing.
 */
export async function revokeOffersOf(operations: Operations, agentId: AgentId): Promise<void> {
  const { chats, clock } = operations;
  const revoked = chats.idsOf(agentId).flatMap((chatId) => {
    const chat = chats.head(chatId);
    if (!chat || assignmentOf(chat, agentId)?.state !== 'Invited') return [];
    const command = { type: 'RevokeOffer', agentId, reason: 'agent-gone', notBeforeMs: clock.now() } as const;
    return untilTaken(clock, () => chats.submit(chatId, command));
  });
  await Promise.all(revoked);
}

/** Ends the agent's part in all their chats: others are offered what goes on, and the customer is told. */
export async function releaseChatsOf(operations: Operations, agentId: AgentId): Promise<void> {
  const { chats, clock } = operations;
  const offers = revokeOffersOf(operations, agentId);
  const released = chats
    .idsOf(agentId)
    .map((chatId) =>
      untilTaken(clock, () =>
        chats.submit(chatId, { type: 'AgentGone', agentId, ...announcementOf(operations) }),
      ),
    );
  await Promise.all([offers, ...released]);
}

function announcementOf({ config, random }: Operations): { readonly announcement?: Announcement } {
  const { notice: text } = config.presence;
  const { name: nickname } = config.contactCenter;
  return text ? { announcement: { participantId: newParticipantId(random), nickname, text } } : {};
}

/**
 * The grace time of a lost agent is over: they are signed out, so that nobody takes them for ready, and their chats go
 * on with others (gws-agent-api §10, row 21).
 */
export async function agentIsGone(operations: Operations, agentId: AgentId): Promise<void> {
  const { clock, roster } = operations;
  await Promise.all<unknown>([
    ...(roster.has(agentId) ? [untilTaken(clock, () => signOut(operations, agentId))] : []),
    releaseChatsOf(operations, agentId),
  ]);
}

/** Ends the agent's contact-centre session on all channels; nothing changes without one. */
export function signOut(
  operations: Operations,
  agentId: AgentId,
  origin?: Origin,
): Promise<RosterChange | Refusal> {
  return operations.roster.change(
    agentId,
    (state) => (state.sessionStartedAtMs === null ? state : signedOut(agentId)),
    origin,
  );
}
