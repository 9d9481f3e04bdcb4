import { changeChannels, intoState } from '../domain/agent.ts';
import { assignmentOf, type Chat } from '../domain/chat.ts';
import type { AgentId, ChatId } from '../domain/ids.ts';
import type { Deadline, TimeLimits } from './chat-timers.ts';
import type { Operations } from './operations.ts';
import { declinedUntilMs, queueOf } from './queues.ts';
import { untilTaken } from './take.ts';

/** How long things may take in this chat, by its queue. `startedAtMs` is when this server began to look after it. */
export function timeLimitsOf(operations: Operations, chat: Chat, startedAtMs: number): TimeLimits {
  const { lateReplyAlarmMs, idleAlarmMs, afterChatWorkMs, offerGraceMs } = queueOf(operations, chat.id);
  return { lateReplyAlarmMs, idleAlarmMs, afterChatWorkMs, offerGraceMs, startedAtMs };
}

/** What follows when nothing else happened first. Resolves when it is durable. */
export async function fellDue(operations: Operations, chatId: ChatId, deadline: Deadline): Promise<void> {
  const { chats, clock } = operations;
  switch (deadline.kind) {
    case 'offer':
      return offerTimedOut(operations, chatId, deadline.agentId);
    case 'after-chat-work': {
      const { agentId } = deadline;
      await untilTaken(clock, () => chats.submit(chatId, { type: 'EndAfterChatWork', agentId }));
      return undefined;
    }
    case 'alarm': {
      const { alarm } = deadline;
      await untilTaken(clock, () => chats.submit(chatId, { type: 'RaiseAlarm', alarm }));
      return undefined;
    }
  }
}

/**
 * An offer ran out: it is taken back and the chat returns to its place in the queue. By the queue's `afterNoAnswer`
 * the agent becomes not ready, so that the next chat does not ring at an empty desk. Both are decided in one turn of
 * the event loop, before the router can look: a timer that fires finds its offer open, for any answer cancels it.
 */
async function offerTimedOut(operations: Operations, chatId: ChatId, agentId: AgentId): Promise<void> {
  const { clock, chats, roster } = operations;
  const { afterNoAnswer } = queueOf(operations, chatId);
  const chat = chats.head(chatId);
  const isHandler = chat ? assignmentOf(chat, agentId)?.role === 'Handler' : false;
  const revoked = untilTaken(clock, () =>
    chats.submit(chatId, {
      type: 'RevokeOffer',
      agentId,
      reason: 'no-answer',
      notBeforeMs: declinedUntilMs(operations, chatId),
    }),
  );
  // Whom a colleague or a supervisor's own wish has asked in is not the one the queue was waiting for.
  if (isHandler) {
    const change = intoState(afterNoAnswer, clock.now());
    await untilTaken(clock, () => roster.change(agentId, (state) => changeChannels(state, 'chat', change)));
  }
  await revoked;
}
