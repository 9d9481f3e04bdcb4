import { contactOperations, identifyOperations } from '@parley/contract/gws/contact.ts';
import type { UcsOperationResponse } from '@parley/contract/gws/history.ts';
import { parseOperation } from '@parley/contract/gws/operations.ts';
import { isRefusal, refuse } from '@parley/contract/refusals.ts';
import type { ContactId } from '../../domain/ids.ts';
import {
  createContact,
  deleteContact,
  identifyContact,
  mergeContacts,
  readContact,
  searchContacts,
  updateContact,
  type ContactProfile,
  type ContactsSearch,
} from '../../operations/contacts.ts';
import { foretell } from '../../operations/keyed-request.ts';
import { contactPath, contactView } from '../../views/contact-view.ts';
import type { AgentApi } from './agent-api.ts';
import { parseBody, type AgentHandlers, type AgentRequest } from './agent-routes.ts';
import { pick, readList } from './fields.ts';
import { later } from './later.ts';

type ContactHandlers = Pick<
  AgentHandlers,
  | 'getContacts'
  | 'createContact'
  | 'getContact'
  | 'updateContact'
  | 'deleteContact'
  | 'operateContact'
  | 'identifyContact'
>;

const defaultPageLength = 100;

/** A profile as it is told, and the answers that tell of one. */
function repliesOf({ operations, wire }: AgentApi) {
  const view = (row: ContactProfile) => contactView(row, operations.people, wire);
  return {
    view,
    created(row: ContactProfile) {
      const path = contactPath(row);
      return { statusCode: 0, id: row.id, uri: wire.uri(path), path } as const;
    },
    shown: (row: ContactProfile) => ({ statusCode: 0, contact: view(row) }) as const,
  };
}

/** Contact profiles, `/api/v2/ucs/contacts` and `/api/v2/contacts/ucs` (gws-agent-api §7.3; ours where it is silent). */
export function contactHandlers(api: AgentApi): ContactHandlers {
  const { operations } = api;
  const { view, created, shown } = repliesOf(api);
  return {
    async getContacts({ query }) {
      const { contacts, totalCount } = await searchContacts(operations, searchOf(query));
      const views = contacts.map(view);
      if (query.fields === undefined) return { statusCode: 0, totalCount, uris: views.map(({ uri }) => uri) };
      const names = readList(query.fields);
      return { statusCode: 0, totalCount, contacts: views.map((one) => pick(one, names)) };
    },
    async createContact({ body }) {
      const details = parseBody('createContact', body);
      if (isRefusal(details)) return details;
      if (!Object.values(details).some((value) => value?.trim()))
        return refuse('MissingParameter', 'A contact needs a name, an e-mail address or a phone number.');
      const row = await createContact(operations, details, (made) => foretell(created(made)));
      return isRefusal(row) ? row : created(row);
    },
    async getContact({ parameters }) {
      const row = await readContact(operations, parameters.id as ContactId);
      return isRefusal(row) ? row : shown(row);
    },
    async updateContact({ parameters, body }) {
      const changes = parseBody('updateContact', body);
      if (isRefusal(changes)) return changes;
      const change = { contactId: parameters.id as ContactId, changes };
      const row = await updateContact(operations, change, (changed) => foretell(shown(changed)));
      return isRefusal(row) ? row : shown(row);
    },
    async deleteContact({ agent, parameters }) {
      if (!agent.roles.includes('supervisor') && !agent.roles.includes('admin'))
        return refuse('NoPermission', 'Only supervisors and administrators delete contacts.');
      return (await deleteContact(operations, parameters.id as ContactId)) ?? { statusCode: 0 };
    },
    async operateContact({ parameters, body }) {
      const operation = parseOperation(contactOperations, body);
      if (isRefusal(operation)) return operation;
      const [fromId, intoId] = [operation.contactId as ContactId, parameters.id as ContactId];
      const row = await mergeContacts(operations, { fromId, intoId }, (whole) => foretell(shown(whole)));
      return isRefusal(row) ? row : shown(row);
    },
    identifyContact({ agent, body }) {
      const operation = parseOperation(identifyOperations, body);
      if (isRefusal(operation)) return operation;
      const { createContactEnabled = false } = operation;
      return later<UcsOperationResponse>(api, agent.agentId, {
        work: async () => {
          const contactId = await identifyContact(operations, operation, createContactEnabled);
          return isRefusal(contactId) ? contactId : { success: true, contactId };
        },
        message: { messageType: 'UcsOperationResponse', success: false },
      });
    },
  };
}

const sortKeys = { name: 'name', emailAddress: 'emailAddress', createdDate: 'createdAt' } as const;

function searchOf(query: AgentRequest<'getContacts'>['query']): ContactsSearch {
  const { name, emailAddress, phoneNumber, text, sortBy = 'name', order, offset, limit } = query;
  return {
    ...(name === undefined ? {} : { name }),
    ...(emailAddress === undefined ? {} : { emailAddress }),
    ...(phoneNumber === undefined ? {} : { phoneNumber }),
    ...(text === undefined ? {} : { text }),
    sortBy: sortKeys[sortBy],
    descending: order === 'Descending',
    offset: offset ?? 0,
    limit: limit ?? defaultPageLength,
  };
}
