import {
  contactHistoryOperations,
  historyOperations,
  interactionOperations,
  type GetInteractionContentMessage,
  type GetInteractionsHistoryMessage,
} from '@parley/contract/gws/history.ts';
import { parseOperation, type ParsedOperation } from '@parley/contract/gws/operations.ts';
import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { AgentId, ChatId, ContactId } from '../../domain/ids.ts';
import { readContact } from '../../operations/contacts.ts';
import {
  historyReader,
  readHistoryChat,
  readHistoryRow,
  searchHistory,
  type HistoryChat,
  type HistorySearch,
} from '../../operations/history.ts';
import { messageView, visibleEntries, type LogEntry } from '../../views/agent-view.ts';
import { chatStatesOf, interactionView } from '../../views/interaction-view.ts';
import { transcriptEntries, transcriptText, transcriptXml } from '../../views/transcript.ts';
import { wireDateMs } from '../../views/wire-date.ts';
import { Rendered } from '../rendered.ts';
import type { AgentApi } from './agent-api.ts';
import type { AgentHandlers, AgentRequest } from './agent-routes.ts';
import { pick, readList } from './fields.ts';
import { later } from './later.ts';

type HistoryHandlers = Pick<
  AgentHandlers,
  | 'retrieveContactHistory'
  | 'retrieveHistory'
  | 'retrieveInteraction'
  | 'getInteractions'
  | 'getInteraction'
  | 'getTranscript'
>;

const defaultPageLength = 100;
/** How far back a history call looks when it does not say: a month (gws-agent-api §7.2). */
const defaultSpanMs = 31 * 86_400_000;

/** The history of chats (gws-agent-api §7.2): calls that are answered by notification, and plain reads beside them. */
export function historyHandlers(api: AgentApi): HistoryHandlers {
  const { operations } = api;
  return {
    retrieveContactHistory({ agent, parameters, body }) {
      const operation = parseOperation(contactHistoryOperations, body);
      if (isRefusal(operation)) return operation;
      const contactId = parameters.id as ContactId;
      return retrieve(api, agent, { operation, of: { contactId } });
    },
    retrieveHistory({ agent, body }) {
      const operation = parseOperation(historyOperations, body);
      if (isRefusal(operation)) return operation;
      if (operation.operationName === 'RetrieveInteractionHistory')
        return retrieve(api, agent, { operation, of: {} });
      return retrieve(api, agent, { operation, of: { agentId: operation.userId as AgentId } });
    },
    retrieveInteraction({ agent, parameters, body }) {
      const operation = parseOperation(interactionOperations, body);
      if (isRefusal(operation)) return operation;
      return later<GetInteractionContentMessage>(api, agent.agentId, {
        work: async () => {
          const found = await readHistoryChat(operations, parameters.id as ChatId, historyReader(agent));
          return isRefusal(found) ? found : contentOf(api, found);
        },
        message: { messageType: 'GetInteractionContentMessage', messages: [] },
      });
    },
    async getInteractions({ agent, query }) {
      const search = searchOf(api, query);
      if (isRefusal(search)) return search;
      const rows = await searchHistory(operations, search, historyReader(agent));
      const views = rows.map((row) => interactionView(row, contextOf(api)));
      if (query.fields === undefined) return { statusCode: 0, uris: views.map(({ uri }) => uri) };
      const names = readList(query.fields);
      return { statusCode: 0, interactions: views.map((one) => pick(one, names)) };
    },
    async getInteraction({ parameters }) {
      const found = await readHistoryRow(operations, parameters.id as ChatId);
      if (isRefusal(found)) return found;
      const interaction = interactionView(found.row, contextOf(api), found.chat.userData);
      return { statusCode: 0, interaction };
    },
    async getTranscript({ agent, parameters, query }) {
      const found = await readHistoryChat(operations, parameters.id as ChatId, historyReader(agent));
      return isRefusal(found) ? found : transcript(api, found, query.format ?? 'json');
    },
  };
}

function contextOf({ operations, wire }: AgentApi) {
  return { people: operations.people, wire };
}

function entriesOf({ chat, stored, sight }: HistoryChat): LogEntry[] {
  return visibleEntries(stored, chat.parties, sight);
}

function contentOf(api: AgentApi, found: HistoryChat) {
  return {
    interaction: interactionView(found.row, contextOf(api), found.chat.userData),
    messages: entriesOf(found).map((entry) => messageView(entry, api.wire)),
  };
}

function transcript(api: AgentApi, found: HistoryChat, format: 'json' | 'text' | 'xml') {
  const { operations, wire } = api;
  const entries = entriesOf(found);
  const name = `chat-${found.chat.id}`;
  switch (format) {
    case 'json': {
      const messages = transcriptEntries(entries).map((entry) => messageView(entry, wire));
      return { statusCode: 0, interaction: contentOf(api, found).interaction, messages } as const;
    }
    case 'text':
      return new Rendered(
        'text/plain; charset=utf-8',
        `${name}.txt`,
        transcriptText(found.chat, entries, wire),
      );
    case 'xml': {
      const employeeIdOf = (agentId: AgentId) => operations.people.get(agentId)?.employeeId ?? '';
      const document = transcriptXml(found.chat, entries, { employeeIdOf });
      return new Rendered('application/xml; charset=utf-8', `${name}.xml`, document);
    }
  }
}

type HistoryOperation = ParsedOperation<typeof contactHistoryOperations & typeof historyOperations>;

/** Searches, and tells by notification. What is wrong with the parameters is refused at once. */
function retrieve(
  api: AgentApi,
  agent: AgentRequest<'retrieveHistory'>['agent'],
  {
    operation,
    of,
  }: { readonly operation: HistoryOperation; readonly of: Pick<HistorySearch, 'contactId' | 'agentId'> },
) {
  const { operations } = api;
  if (of.agentId !== undefined && !operations.people.has(of.agentId))
    return refuse('NotFound', 'There is no such user.');
  const span = spanOf(api, operation);
  if (isRefusal(span)) return span;
  const { DispositionCode, QueueName, ServiceType, Text } = operation.searchCustomAttributes ?? {};
  const search: HistorySearch = {
    ...of,
    ...span,
    ...(span.fromMs === undefined ? { fromMs: operations.clock.now() - defaultSpanMs } : {}),
    ...(DispositionCode === undefined ? {} : { disposition: DispositionCode }),
    ...(QueueName === undefined ? {} : { queue: QueueName }),
    ...(ServiceType === undefined ? {} : { service: ServiceType }),
    ...(Text === undefined ? {} : { text: Text }),
    order: operation.sort === 'asc' ? 'Oldest' : 'Newest',
    limit: operation.maxSize ?? defaultPageLength,
  };
  // Chat is the only medium here: of any other there is nothing.
  const isOurs = operation.mediaType === undefined || operation.mediaType.toLowerCase() === 'chat';
  const context = { ...contextOf(api), customAttributes: operation.customAttributes };
  return later<GetInteractionsHistoryMessage>(api, agent.agentId, {
    work: async () => {
      const contact = of.contactId === undefined ? null : await readContact(operations, of.contactId);
      if (isRefusal(contact)) return contact;
      const rows = isOurs ? await searchHistory(operations, search, historyReader(agent)) : [];
      return { interactions: rows.map((row) => interactionView(row, context)) };
    },
    message: { messageType: 'GetInteractionsHistoryMessage', interactions: [] },
  });
}

interface Span {
  readonly fromDate?: string | undefined;
  readonly toDate?: string | undefined;
}

function spanOf(
  { wire }: AgentApi,
  { fromDate, toDate }: Span,
): Pick<HistorySearch, 'fromMs' | 'toMs'> | Refusal {
  const fromMs = fromDate === undefined ? undefined : wireDateMs(fromDate, 'from', wire);
  const toMs = toDate === undefined ? undefined : wireDateMs(toDate, 'to', wire);
  if (fromMs === null)
    return refuse('InvalidParameter', 'The parameter "fromDate" is no date of the calendar.');
  if (toMs === null) return refuse('InvalidParameter', 'The parameter "toDate" is no date of the calendar.');
  return { ...(fromMs === undefined ? {} : { fromMs }), ...(toMs === undefined ? {} : { toMs }) };
}

function searchOf(api: AgentApi, query: AgentRequest<'getInteractions'>['query']): HistorySearch | Refusal {
  const { contactId, userId, text, queueName, service, disposition, state, after } = query;
  const span = spanOf(api, query);
  if (isRefusal(span)) return span;
  return {
    ...span,
    ...(contactId === undefined ? {} : { contactId: contactId as ContactId }),
    ...(userId === undefined ? {} : { agentId: userId as AgentId }),
    ...(text === undefined ? {} : { text }),
    ...(queueName === undefined ? {} : { queue: queueName }),
    ...(service === undefined ? {} : { service }),
    ...(disposition === undefined ? {} : { disposition }),
    ...(state === undefined ? {} : { states: chatStatesOf(state) }),
    ...(after === undefined ? {} : { after: after as ChatId }),
    order: query.order === 'Ascending' ? 'Oldest' : 'Newest',
    offset: query.offset ?? 0,
    limit: query.limit ?? defaultPageLength,
  };
}
