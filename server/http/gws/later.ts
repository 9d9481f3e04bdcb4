import type {
  GetInteractionContentMessage,
  GetInteractionsHistoryMessage,
  UcsOperationResponse,
} from '@parley/contract/gws/history.ts';
import { isRefusal, refusals, type Refusal } from '@parley/contract/refusals.ts';
import type { AgentId } from '../../domain/ids.ts';
import { fromStore } from '../../operations/history.ts';
import type { AgentApi } from './agent-api.ts';

/** What comes on `/v2/ucs/interactions` (gws-agent-api §7.2, §7.3). */
export type HistoryMessage =
  GetInteractionsHistoryMessage | GetInteractionContentMessage | UcsOperationResponse;

type Fields<Message extends HistoryMessage> = Omit<Message, 'messageType' | 'referenceId' | 'errorMessage'>;

/**
 * Answers at once with a `referenceId`; what `work` brings is told to the agent by notification with it. `message` is
 * what is told, with `errorMessage`, when the work is refused or the store cannot answer now.
 */
export function later<Message extends HistoryMessage>(
  { operations, tellLater }: AgentApi,
  agentId: AgentId,
  {
    work,
    message,
  }: {
    readonly work: () => Promise<Fields<Message> | Refusal>;
    readonly message: Omit<Message, 'referenceId' | 'errorMessage'>;
  },
): { statusCode: 0; referenceId: number } {
  const referenceId = operations.nextReferenceId();
  const failed = (errorMessage: string) => ({ ...message, referenceId, errorMessage });
  tellLater(agentId, async () => {
    const outcome = await fromStore(work);
    if (isRefusal(outcome)) return failed(outcome.detail ?? refusals[outcome.refused].sentence);
    return { ...message, ...outcome, referenceId };
  });
  return { statusCode: 0, referenceId };
}
