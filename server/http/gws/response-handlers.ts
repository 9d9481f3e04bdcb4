import { parseOperation } from '@parley/contract/gws/operations.ts';
import { responseOperations } from '@parley/contract/gws/desktop-routes.ts';
import type { ResponseCategory } from '@parley/contract/gws/set-up.ts';
import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { ChatId } from '../../domain/ids.ts';
import { approvedResponse, renderResponse, reportResponseUse } from '../../operations/standard-responses.ts';
import { responseTemplateView } from '../../views/set-up-view.ts';
import type { AgentApi } from './agent-api.ts';
import { parseBody, type AgentHandlers, type AgentRequest } from './agent-routes.ts';
import { collectionReply, filtered } from './collection.ts';
import { readList } from './fields.ts';
import { groupIdOf, responseTree } from './group-reading.ts';

type ResponseHandlers = Pick<
  AgentHandlers,
  | 'getResponseTemplates'
  | 'getResponseTemplate'
  | 'operateResponseTemplate'
  | 'getRootCategories'
  | 'getApprovedRootCategories'
  | 'reportResponseUsage'
>;

/** Standard responses: read, rendered for a chat, their use reported (gws-agent-api §8.2). */
export function responseHandlers(api: AgentApi): ResponseHandlers {
  const { operations, wire } = api;
  const responses = () => operations.setUp.entries('standard-response');
  return {
    getResponseTemplates({ query }) {
      const { name, language, category } = query;
      const found = [...responses().values()]
        .filter(({ approved }) => approved)
        .map((one) => responseTemplateView(one, groupIdOf(api, one), wire));
      return collectionReply('responseTemplates', filtered(found, { name, language, category }), query);
    },
    async getResponseTemplate({ parameters, query }) {
      const response = approvedResponse(operations, parameters.id);
      if (isRefusal(response)) return response;
      const view = responseTemplateView(response, groupIdOf(api, response), wire);
      const asked = query.subresources === undefined ? new Set<string>() : readList(query.subresources);
      const usage =
        !asked || asked.has('usage') ? { usage: await operations.journal.responseUsage(response.id) } : {};
      return { statusCode: 0, responseTemplate: { ...view, ...usage } };
    },
    async operateResponseTemplate({ agent, parameters, body }) {
      const operation = parseOperation(responseOperations, body);
      if (isRefusal(operation)) return operation;
      const chatId = operation.chatId as ChatId;
      const rendered = await renderResponse(operations, parameters.id, { agent, chatId });
      if (isRefusal(rendered)) return rendered;
      const { subject, text, unresolved } = rendered;
      return { statusCode: 0, ...(subject === '' ? {} : { subject }), text, unresolved: [...unresolved] };
    },
    getRootCategories: (request) => categories(api, request, false),
    getApprovedRootCategories: (request) => categories(api, request, true),
    async reportResponseUsage({ agent, parameters, body }) {
      const read = parseBody('reportResponseUsage', body);
      if (isRefusal(read)) return read;
      const { responseType = 'SystemAutoResponse', ...ids } = read;
      const [interactionId, ...more] = Object.values(ids).filter((id) => id !== undefined);
      if (interactionId === undefined)
        return refuse('MissingParameter', 'One of "interactionId", "chatId" … is required.');
      if (more.length > 0) return refuse('InvalidParameter', 'Only one interaction may be named.');
      const use = { responseId: parameters.id, responseType, interactionId };
      const referenceId = await reportResponseUse(operations, agent, use);
      if (isRefusal(referenceId)) return referenceId;
      return { statusCode: 0, response: 'EventAddStdRespUsage', data: { referenceId } };
    },
  };
}

type CategoriesReply = {
  statusCode: 0;
  response: 'EventGetRootCategories';
  data: { categories: ResponseCategory[] };
};

function categories(
  api: AgentApi,
  { body }: Pick<AgentRequest<'getRootCategories'>, 'body'>,
  approvedOnly: boolean,
): CategoriesReply | Refusal {
  const read = parseBody('getRootCategories', body ?? {});
  if (isRefusal(read)) return read;
  const { language } = read;
  const approved = new Set(responseTree(api, { approvedOnly: true, language }).groups.map(({ id }) => id));
  const found = responseTree(api, { approvedOnly, language }).groups.map(
    ({ id, name }): ResponseCategory => ({
      categoryId: id,
      name,
      description: '',
      language: language ?? '',
      status: approved.has(id) ? 'Approved' : 'NotApproved',
      type: 2,
    }),
  );
  return { statusCode: 0, response: 'EventGetRootCategories', data: { categories: found } };
}
