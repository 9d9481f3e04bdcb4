import { changeChannels, intoState } from '../domain/agent.ts';
import { assignmentOf } from '../domain/chat.ts';
import type { Announcement, ChatCommand } from '../domain/commands.ts';
import type { AgentId, ChatId } from '../domain/ids.ts';
import { announcementOf } from './admission.ts';
import type { Deadline } from './deadlines.ts';
import type { Operations } from './operations.ts';
import { declinedUntilMs, queueOf } from './queues.ts';
import { untilTaken } from './take.ts';
import { idleRulesOf } from './time-limits.ts';

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
    case 'idle-alert':
    case 'idle-close': {
      const command = idleCommand(operations, chatId, deadline);
      if (command) await untilTaken(clock, () => chats.submit(chatId, command));
      return undefined;
    }
    case 'customer-gone':
      await untilTaken(clock, () => customerIsGone(operations, chatId, deadline.atMs));
      return undefined;
  }
}

/** The customer's session ends, unless they have come back while the store was full. */
async function customerIsGone(
  { chats, customerPresence }: Operations,
  chatId: ChatId,
  dueAtMs: number,
): Promise<object | null> {
  const chat = chats.head(chatId);
  const isBack = !chat || customerPresence.lastSeenAtMs(chat) >= dueAtMs;
  return isBack ? null : chats.submit(chatId, { type: 'CustomerGone' });
}

/** What is done about a silence; undefined when the configuration has no rule for it any more. */
function idleCommand(
  operations: Operations,
  chatId: ChatId,
  deadline: Extract<Deadline, { readonly kind: 'idle-alert' | 'idle-close' }>,
): ChatCommand | undefined {
  const chat = operations.chats.head(chatId);
  const rules = chat && idleRulesOf(operations.services.get(chat.service), chat.isAsync);
  if (!rules) return undefined;
  const told = (text: string): { readonly announcement?: Announcement } => {
    const announcement = announcementOf(operations, text);
    return announcement ? { announcement } : {};
  };
  if (deadline.kind === 'idle-close') return { type: 'CloseIdle', ...told(rules.closeText) };
  const { number } = deadline;
  const { alert2Ms, closeMs, notices: counted } = rules;
  return {
    type: 'AlertIdle',
    number,
    counted,
    sinceMs: chat.activity.lastAtMs[counted],
    closesAtMs: operations.clock.now() + (number === 1 ? alert2Ms : 0) + closeMs,
    ...told(number === 1 ? rules.alertText : rules.alert2Text),
  };
}

/**
 * An offer ran out: it is taken back and the chat returns to its place in the queue. By the queue's `afterNoAnswer`
 * the agent becomes not ready, so that the next chat does not ring at an empty desk. Both are decided in one turn of
 * the event loop, before the router can look: a timer that fires finds its offer open, for any answer cancels it, and
 * durable, so its agent could see it for the whole time.
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
