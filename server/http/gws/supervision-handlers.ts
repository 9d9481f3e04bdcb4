import { parseOperation, parseStateOperation } from '@parley/contract/gws/operations.ts';
import { userChannelOperations, userChatOperations } from '@parley/contract/gws/supervision-operations.ts';
import type { FeatureId } from '@parley/contract/gws/user.ts';
import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { AgentId, ChatId } from '../../domain/ids.ts';
import { setAgentState } from '../../operations/agent-session.ts';
import { cancelMonitoring, chatsToIntrude, intrude, startMonitoring } from '../../operations/supervision.ts';
import { hasFeature } from '../../presence/features.ts';
import { watchedChatView } from '../../views/agent-view.ts';
import type { AgentApi } from './agent-api.ts';
import type { AgentHandlers, AgentRequest } from './agent-routes.ts';
import { pick, readList } from './fields.ts';

type SupervisionHandlers = Pick<AgentHandlers, 'getUserChats' | 'operateUserChat' | 'operateUserChannel'>;

const done = { statusCode: 0 } as const;

/** `/api/v2/users/{userId}/chats` and `…/channels/{channel}`: what supervisors do (gws-agent-api §6.1, §9). */
export function supervisionHandlers(api: AgentApi): SupervisionHandlers {
  const { operations, states, wire } = api;
  const stateNames = new Set(states.all.map(({ operationName }) => operationName));
  return {
    getUserChats({ parameters, query }) {
      const userId = parameters.userId as AgentId;
      if (!operations.people.has(userId)) return refuse('NotFound', 'There is no such user.');
      const chats = chatsToIntrude(operations, userId).map((chat) => watchedChatView(chat, userId, wire));
      if (query.fields === undefined) return { statusCode: 0, uris: chats.map((chat) => chat.uri) };
      const names = readList(query.fields);
      return { statusCode: 0, chats: chats.map((chat) => pick(chat, names)) };
    },

    async operateUserChat({ agent, parameters, body }) {
      const operation = parseOperation(userChatOperations, body);
      if (isRefusal(operation)) return operation;
      const refused = await intrude(operations, agent.agentId, {
        userId: parameters.userId as AgentId,
        chatId: parameters.chatId as ChatId,
        role: operation.supervisorVisibilityMode,
      });
      return refused ?? done;
    },

    async operateUserChannel(request) {
      const operation = parseStateOperation(userChannelOperations, stateNames, request.body);
      if (isRefusal(operation)) return operation;
      const refused = await operateUserChannel(api, request, operation);
      return refused ?? done;
    },
  };
}

type UserChannelOperation = Exclude<
  ReturnType<typeof parseStateOperation<typeof userChannelOperations>>,
  Refusal
>;

async function operateUserChannel(
  { operations }: AgentApi,
  { agent, parameters }: AgentRequest<'operateUserChannel'>,
  operation: UserChannelOperation,
): Promise<Refusal | null> {
  const userId = parameters.userId as AgentId;
  const { channel } = parameters;
  switch (operation.operationName) {
    case 'Monitor':
    case 'Coach':
    case 'BargeIn': {
      const { operationName: role, supervisorMonitoringMode: mode = 'AllChats', nickname } = operation;
      const lacks = lacksFeature(agent, 'api-supervisor-monitoring') ?? notWatched(channel);
      return lacks ?? startMonitoring(operations, agent.agentId, { userId, role, mode, nickname });
    }
    case 'CancelSupervisorMonitoring': {
      const lacks = lacksFeature(agent, 'api-supervisor-monitoring') ?? notWatched(channel);
      return lacks ?? cancelMonitoring(operations, agent.agentId, userId);
    }
    default: {
      const lacks = lacksFeature(agent, 'api-supervisor-agent-control');
      if (lacks) return lacks;
      if (!operations.people.has(userId)) return refuse('NotFound', 'There is no such user.');
      const operationName = 'agentState' in operation ? operation.agentState : operation.operationName;
      return setAgentState(operations, userId, { operationName, channel, by: agent.agentId });
    }
  }
}

function notWatched(channel: string): Refusal | null {
  return channel === 'chat' ? null : refuse('NotFound', `The channel "${channel}" is not monitored here.`);
}

function lacksFeature(
  agent: { readonly features: readonly FeatureId[] },
  feature: FeatureId,
): Refusal | null {
  return hasFeature(agent, feature) ? null : refuse('NoPermission', `The user lacks the feature ${feature}.`);
}
