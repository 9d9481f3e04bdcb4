import { parseOperation } from '@parley/contract/gws/operations.ts';
import { receiverMessageOperations, receiverOperations } from '@parley/contract/gws/webhook-routes.ts';
import { isRefusal, refuse } from '@parley/contract/refusals.ts';
import {
  discard,
  discardAll,
  redeliver,
  redeliverAll,
  type Administration,
} from '../../outbox/administration.ts';
import type { Outbox } from '../../outbox/outbox.ts';
import type { AgentApi } from './agent-api.ts';
import type { SignedInAgent } from './agent-door.ts';
import type { AgentHandlers } from './agent-routes.ts';

type WebhookHandlers = Pick<
  AgentHandlers,
  'getWebhooks' | 'operateWebhook' | 'getWebhookMessages' | 'operateWebhookMessage'
>;

const done = { statusCode: 0 } as const;

/** Receivers outside, for administrators (docs/webhooks.md). */
export function webhookHandlers(
  { operations, wire }: Pick<AgentApi, 'operations' | 'wire'>,
  outbox: Outbox,
): WebhookHandlers {
  const timestamp = (atMs: number | null) => (atMs === null ? null : wire.timestamp(atMs));
  const by = ({ agent }: SignedInAgent): Administration => ({ operations, outbox, by: agent });
  return {
    getWebhooks() {
      const webhooks = [...outbox.status()].map(([name, status]) => {
        const { url, events, lastConfirmedAtMs, lastFailure, ...numbers } = status;
        const failed = lastFailure && { at: wire.timestamp(lastFailure.atMs), failure: lastFailure.failure };
        const times = { lastConfirmedAt: timestamp(lastConfirmedAtMs), lastFailure: failed };
        return { name, url: withoutQuery(url), events: [...events], ...numbers, ...times };
      });
      return { statusCode: 0, webhooks };
    },

    async operateWebhook(request) {
      const operation = parseOperation(receiverOperations, request.body);
      if (isRefusal(operation)) return operation;
      const act = operation.operationName === 'RedeliverAll' ? redeliverAll : discardAll;
      return (await act(by(request), request.parameters.name)) ?? done;
    },

    async getWebhookMessages({ parameters, query }) {
      if (!outbox.status().has(parameters.name)) return refuse('NotFound', 'There is no such webhook.');
      const { state = 'Dead', offset = 0, limit = 100 } = query;
      const rows = await outbox.list({ receiver: parameters.name, state, offset, limit });
      const messages = rows.map(({ id, kind, chatId, attempts, lastFailure, ...times }) => ({
        ...{ id, type: kind, chatId, attempts, lastFailure },
        queuedAt: wire.timestamp(times.queuedAtMs),
        dueAt: wire.timestamp(times.dueAtMs),
        deadAt: timestamp(times.deadAtMs),
      }));
      return { statusCode: 0, messages };
    },

    async operateWebhookMessage(request) {
      const operation = parseOperation(receiverMessageOperations, request.body);
      if (isRefusal(operation)) return operation;
      const { name, id } = request.parameters;
      const act = operation.operationName === 'Redeliver' ? redeliver : discard;
      return (await act(by(request), name, id)) ?? done;
    },
  };
}

function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, '');
}
