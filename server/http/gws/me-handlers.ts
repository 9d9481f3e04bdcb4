import { channelOperations, meOperations } from '@parley/contract/gws/me-operations.ts';
import { parseStateOperation } from '@parley/contract/gws/operations.ts';
import type { MeOperationReply } from '@parley/contract/gws/replies.ts';
import { subresourceNames, type User } from '@parley/contract/gws/user.ts';
import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import {
  endContactCenterSession,
  setAgentState,
  startContactCenterSession,
  type SessionOutcome,
} from '../../operations/agent-session.ts';
import { channelViews, userView } from '../../views/me-view.ts';
import { failureBody } from '../failure.ts';
import type { AgentHandlers, AgentRequest } from './agent-routes.ts';
import type { AgentApi } from './agent-api.ts';
import { pick, readList } from './fields.ts';

type MeHandlers = Pick<
  AgentHandlers,
  'getMe' | 'operateMe' | 'getMyChannels' | 'getMyChannel' | 'operateMyChannel'
>;

const done = { statusCode: 0 } as const;
const subresources = new Set<string>(subresourceNames);

/** `/api/v2/me` and its channels (gws-agent-api §2.4–§2.7, §6). */
export function meHandlers(api: AgentApi): MeHandlers {
  const { operations, states } = api;
  const stateNames = (): ReadonlySet<string> => new Set(states.all.map(({ operationName }) => operationName));
  const channelsOf = ({ agent }: Pick<AgentRequest<'getMe'>, 'agent'>) =>
    channelViews(operations.roster.stateOf(agent.agentId), states);
  return {
    getMe: (request) => ({ statusCode: 0, user: readUser(api, request) }),

    async operateMe(request) {
      const { agent, login, body } = request;
      const operation = parseStateOperation(meOperations, stateNames(), body);
      if (isRefusal(operation)) return operation;
      switch (operation.operationName) {
        case 'StartContactCenterSession':
          return sessionReply(await startContactCenterSession(operations, agent.agentId, operation.channels));
        case 'EndContactCenterSession': {
          const refused = await endContactCenterSession(operations, agent.agentId);
          if (refused) return refused;
          // The reference: it must be the last call, for it ends the HTTP session as well (§2.5).
          api.endLogin(login);
          return done;
        }
        default:
          return changeState(api, request, operation);
      }
    },

    getMyChannels: (request) => ({ statusCode: 0, channels: channelsOf(request) }),

    getMyChannel(request) {
      const channel = channelsOf(request).find((one) => one.channel === request.parameters.channel);
      return channel ? { statusCode: 0, channel } : refuse('NotFound', 'The session has no such channel.');
    },

    async operateMyChannel(request) {
      const operation = parseStateOperation(channelOperations, stateNames(), request.body);
      if (isRefusal(operation)) return operation;
      return changeState(api, request, operation, request.parameters.channel);
    },
  };
}

async function changeState(
  { operations }: AgentApi,
  { agent }: Pick<AgentRequest<'getMe'>, 'agent'>,
  operation: { readonly operationName: string; readonly agentState?: string },
  channel?: string,
): Promise<typeof done | Refusal> {
  const operationName = operation.agentState ?? operation.operationName;
  const refused = await setAgentState(operations, agent.agentId, {
    operationName,
    ...(channel === undefined ? {} : { channel }),
  });
  return refused ?? done;
}

/** Without `subresources` only the user's own attributes; `fields` picks among those (gws-agent-api §1.3). */
function readUser(api: AgentApi, { agent, query }: AgentRequest<'getMe'>): User {
  const { operations, wire, states } = api;
  const now = {
    agent: operations.roster.stateOf(agent.agentId),
    chats: operations.chats.chatsOf(agent.agentId),
  };
  const user = userView(agent, now, { wire, states, config: operations.config });
  const asked = query.subresources === undefined ? new Set<string>() : readList(query.subresources);
  const own = query.fields === undefined ? null : readList(query.fields);
  const names = Object.keys(user).filter((name) =>
    subresources.has(name) ? !asked || asked.has(name) : !own || own.has(name),
  );
  return pick(user, new Set(names));
}

/** All channels done: 0. Some: 7 with both lists. None: the refusal of the first (gws-agent-api §2.4). */
function sessionReply({ succeeded, failed }: SessionOutcome): MeOperationReply | Refusal {
  const [first] = failed;
  if (!first) return done;
  if (succeeded.length === 0) return first.refusal;
  return {
    statusCode: 7,
    failed: failed.map(({ channel, refusal }) => ({ ...failureBody(refusal), channel })),
    succeeded: succeeded.map(({ channel }) => ({ statusCode: 0, channel })),
  };
}
