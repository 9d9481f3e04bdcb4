import { changeChannels, intoState } from '../domain/agent.ts';
import { assignmentOf } from '../domain/chat.ts';
import type { ChatId } from '../domain/ids.ts';
import type { Deadline } from './chat-timers.ts';
import type { Operations } from './operations.ts';
import { declinedUntilMs, queueOf } from './queues.ts';

/**
 * An offer ran out: it is taken back and the chat returns to its place in the queue. By the queue's `afterNoAnswer`
 * the agent becomes not ready, so that the next chat does not ring at an empty desk. Both are decided in one turn of
 * the event loop, before the router can look: a timer that fires finds its offer open, for any answer cancels it.
 */
export async function offerTimedOut(
  operations: Operations,
  chatId: ChatId,
  deadline: Deadline,
): Promise<void> {
  const { agentId } = deadline;
  const { afterNoAnswer } = queueOf(operations, chatId);
  const chat = operations.chats.head(chatId);
  const isHandler = chat ? assignmentOf(chat, agentId)?.role === 'Handler' : false;
  const revoked = operations.chats.submit(chatId, {
    type: 'RevokeOffer',
    agentId,
    reason: 'no-answer',
    notBeforeMs: declinedUntilMs(operations, chatId),
  });
  // Whom a colleague or a supervisor's own wish has asked in is not the one the queue was waiting for.
  if (!isHandler) return void (await revoked);
  const change = intoState(afterNoAnswer, operations.clock.now());
  await operations.roster.change(agentId, (state) => changeChannels(state, 'chat', change));
  await revoked;
}
