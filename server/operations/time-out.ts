import { changeChannels, intoState } from '../domain/agent.ts';
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
  const revoked = operations.chats.submit(chatId, {
    type: 'RevokeOffer',
    agentId,
    reason: 'no-answer',
    notBeforeMs: declinedUntilMs(operations, chatId),
  });
  const change = intoState(afterNoAnswer, operations.clock.now());
  await operations.roster.change(agentId, (state) => changeChannels(state, 'chat', change));
  await revoked;
}
