import { myWorkbinOperations, workbinOperations } from '@parley/contract/gws/desktop-routes.ts';
import { parseOperation } from '@parley/contract/gws/operations.ts';
import type { Workbin } from '@parley/contract/gws/set-up.ts';
import { isRefusal, refuse } from '@parley/contract/refusals.ts';
import type { AgentId, ChatId } from '../../domain/ids.ts';
import { foretell } from '../../operations/keyed-request.ts';
import { parkChat, parkedChats, takeParkedChat } from '../../operations/workbin.ts';
import { chatView } from '../../views/agent-view.ts';
import { wireIds } from '../../views/name-id.ts';
import type { AgentApi } from './agent-api.ts';
import type { AgentHandlers } from './agent-routes.ts';
import { collectionReply, depthOf } from './collection.ts';
import { readList } from './fields.ts';

type WorkbinHandlers = Pick<
  AgentHandlers,
  'getWorkbins' | 'getWorkbin' | 'operateWorkbin' | 'operateMyWorkbin'
>;

const unknown = () => refuse('NotFound', 'There is no such workbin.');

/** An agent's parked chats (gws-agent-api §8.6): one workbin for each agent, seen by that agent alone. */
export function workbinHandlers(api: AgentApi): WorkbinHandlers {
  const { operations } = api;
  return {
    getWorkbins({ agent, query }) {
      const wanted = query.workbinIds === undefined ? null : readList(query.workbinIds);
      const bins = [workbinView(api, agent.agentId, depthOf(query.subresources))];
      const found = bins.filter(({ id }) => !wanted || wanted.has(id));
      // A list of ids asks for the items themselves (§1.3).
      const fields = query.fields ?? (wanted ? '*' : undefined);
      return collectionReply('workbins', found, { ...query, fields });
    },
    getWorkbin({ agent, parameters, query }) {
      const workbin = workbinView(api, agent.agentId, depthOf(query.subresources));
      return workbin.id === parameters.id ? { statusCode: 0, workbin } : unknown();
    },
    operateWorkbin({ agent, parameters, body }) {
      const operation = parseOperation(workbinOperations, body);
      if (isRefusal(operation)) return operation;
      if (parameters.id !== wireIds.workbin(agent.agentId)) return unknown();
      return { statusCode: 0, referenceId: subscribe(api, agent.agentId) };
    },
    async operateMyWorkbin({ agent: { agentId }, parameters, body }) {
      const operation = parseOperation(myWorkbinOperations, body);
      if (isRefusal(operation)) return operation;
      if (parameters.id !== wireIds.workbin(agentId)) return unknown();
      if (operation.operationName === 'Subscribe')
        return { statusCode: 0, referenceId: subscribe(api, agentId) };
      const request = { agentId, chatId: operation.id as ChatId, referenceId: operations.nextReferenceId() };
      const act = operation.operationName === 'TakeChat' ? takeParkedChat : parkChat;
      const answer = foretell({ statusCode: 0, referenceId: request.referenceId } as const);
      return (await act(operations, request)) ?? answer;
    },
  };
}

/** What changes is told to whoever listens on the topic; the subscription itself is confirmed there. */
function subscribe({ operations, tellSubscribed }: AgentApi, agentId: AgentId): number {
  const referenceId = operations.nextReferenceId();
  tellSubscribed(agentId, referenceId);
  return referenceId;
}

function workbinView({ operations, wire }: AgentApi, agentId: AgentId, depth: number): Workbin {
  const id = wireIds.workbin(agentId);
  const path = `/workbins/${id}`;
  const chats =
    depth > 0 ? { chats: parkedChats(operations, agentId).map((chat) => chatView(chat, agentId, wire)) } : {};
  return {
    id,
    workbinName: 'Parked',
    displayName: 'Parked chats',
    type: 'Agent',
    uri: wire.uri(path),
    path,
    ...chats,
  };
}
