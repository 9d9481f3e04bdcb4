import { isRefusal, refuse, refusals } from '@parley/contract/refusals.ts';
import type { ChatId } from '../../domain/ids.ts';
import { dryRun, mayExplain, routingRecord } from '../../operations/routing-record.ts';
import { explanationView, routingRecordView } from '../../views/routing-view.ts';
import type { AgentApi } from './agent-api.ts';
import { parseBody, type AgentHandlers } from './agent-routes.ts';

type RoutingHandlers = Pick<AgentHandlers, 'getChatRouting' | 'dryRunRouting'>;

/** `/api/v2/chats/{id}/routing` and `/api/v2/routing/dry-run` (ours). */
export function routingHandlers({ operations, wire }: AgentApi): RoutingHandlers {
  const at = { wire, people: operations.people };
  return {
    async getChatRouting({ agent, parameters }) {
      const record = await routingRecord(operations, agent, parameters.id as ChatId);
      return isRefusal(record) ? record : { statusCode: 0, routing: routingRecordView(record, at) };
    },

    async dryRunRouting({ agent, body }) {
      if (!mayExplain(agent))
        return refuse('NoPermission', 'The user is neither a supervisor nor an administrator.');
      const supposed = parseBody('dryRunRouting', body);
      if (isRefusal(supposed)) return supposed;
      const run = await dryRun(operations, supposed);
      if (isRefusal(run)) return run;
      const { admitted, now } = run;
      const outcome = isRefusal(admitted)
        ? {
            outcome: 'Refuse' as const,
            queue: null,
            text: admitted.detail ?? refusals[admitted.refused].sentence,
          }
        : { outcome: 'Enter' as const, ...admitted };
      return {
        statusCode: 0,
        dryRun: { admission: outcome, explanation: now && explanationView(now, at) },
      };
    },
  };
}
