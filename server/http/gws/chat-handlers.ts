import { bounds } from '@parley/contract/bounds.ts';
import { chatOperationAliases, chatOperations } from '@parley/contract/gws/chat-operations.ts';
import { parseOperation } from '@parley/contract/gws/operations.ts';
import { isRefusal } from '@parley/contract/refusals.ts';
import type { ChatId } from '../../domain/ids.ts';
import { sightOf } from '../../domain/visibility.ts';
import { operateChat } from '../../operations/agent-chat.ts';
import { messagesFor, readAgentChat } from '../../operations/read-chat.ts';
import { chatView, messageView, visibleEntries } from '../../views/agent-view.ts';
import type { AgentApi } from './agent-api.ts';
import type { AgentHandlers, AgentRequest } from './agent-routes.ts';
import { pick, readList } from './fields.ts';

type ChatHandlers = Pick<
  AgentHandlers,
  'getMyChats' | 'getMyChat' | 'getChat' | 'getMyChatMessages' | 'operateMyChat'
>;

/** `/api/v2/me/chats` and `/api/v2/chats/{id}` (gws-agent-api §4, §4.21). */
export function chatHandlers(api: AgentApi): ChatHandlers {
  const { operations, wire } = api;
  const target = ({ agent, parameters }: Pick<AgentRequest<'getMyChat'>, 'agent' | 'parameters'>) => ({
    agentId: agent.agentId,
    chatId: parameters.id as ChatId,
  });
  const read = async (request: Pick<AgentRequest<'getMyChat'>, 'agent' | 'parameters'>) => {
    const found = await readAgentChat(operations, target(request));
    if (isRefusal(found)) return found;
    return { statusCode: 0, chat: chatView(found.chat, request.agent.agentId, wire) } as const;
  };
  return {
    getMyChats({ agent, query }) {
      const chats = operations.chats
        .chatsOf(agent.agentId)
        .map((chat) => chatView(chat, agent.agentId, wire));
      if (query.fields === undefined) return { statusCode: 0, uris: chats.map((chat) => chat.uri) };
      const names = readList(query.fields);
      return { statusCode: 0, chats: chats.map((chat) => pick(chat, names)) };
    },
    getMyChat: read,
    getChat: read,

    async getMyChatMessages(request) {
      const { startIndex = 1, count = bounds.messagesPerPage } = request.query;
      const found = await readAgentChat(operations, target(request));
      if (isRefusal(found)) return found;
      const stored = messagesFor(found, request.agent.agentId, startIndex);
      if (isRefusal(stored)) return stored;
      const sight = sightOf(found.chat, request.agent.agentId);
      const entries = visibleEntries(stored, found.chat.parties, sight).slice(0, count);
      return { statusCode: 0, messages: entries.map((entry) => messageView(entry, wire)) };
    },

    async operateMyChat(request) {
      const operation = parseOperation(chatOperations, request.body, chatOperationAliases);
      if (isRefusal(operation)) return operation;
      const done = await operateChat(operations, operation, target(request));
      return isRefusal(done) ? done : { statusCode: 0, ...done };
    },
  };
}
