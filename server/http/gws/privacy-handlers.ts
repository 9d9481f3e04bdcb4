import { privacyOperations, type PersonExport } from '@parley/contract/gws/privacy-routes.ts';
import { parseOperation } from '@parley/contract/gws/operations.ts';
import { isRefusal } from '@parley/contract/refusals.ts';
import type { ContactId } from '../../domain/ids.ts';
import { erasePerson, proveExport, readPerson, type PersonRecord } from '../../operations/person.ts';
import { readChat } from '../../operations/read-chat.ts';
import { messageView, visibleEntries } from '../../views/agent-view.ts';
import { auditEntry } from '../../views/audit-view.ts';
import { contactView } from '../../views/contact-view.ts';
import { interactionView } from '../../views/interaction-view.ts';
import type { AgentApi } from './agent-api.ts';
import type { AgentHandlers } from './agent-routes.ts';

const defaultPageLength = 20;

/** Exports and erases everything that is kept of a person, for administrators. */
export function privacyHandlers(api: AgentApi): Pick<AgentHandlers, 'operatePrivacy'> {
  const { operations } = api;
  return {
    async operatePrivacy({ agent, body }) {
      const operation = parseOperation(privacyOperations, body);
      if (isRefusal(operation)) return operation;
      const { contactId, emailAddress, phoneNumber } = operation;
      const key = {
        ...(contactId === undefined ? {} : { id: contactId as ContactId }),
        ...(emailAddress === undefined ? {} : { emailAddress }),
        ...(phoneNumber === undefined ? {} : { phoneNumber }),
      };
      if (operation.operationName === 'ErasePerson') {
        const erased = await erasePerson(operations, agent, key);
        return isRefusal(erased) ? erased : { statusCode: 0, ...erased };
      }
      const { limit = defaultPageLength, after } = operation;
      const record = await readPerson(operations, key, { limit, after });
      if (isRefusal(record)) return record;
      const page = await exportOf(api, record);
      await proveExport(operations, agent, { record, key, text: JSON.stringify(page) });
      return page;
    },
  };
}

async function exportOf(
  api: AgentApi,
  { profiles, chats, audit, next }: PersonRecord,
): Promise<PersonExport> {
  const { operations, wire } = api;
  const exported: PersonExport['chats'] = [];
  for (const row of chats) {
    const found = await readChat(operations, row.id);
    if (!found) continue;
    const { chat, messagesFrom } = found;
    exported.push({
      interaction: interactionView(row, { people: operations.people, wire }, chat.userData),
      customer: { ...chat.customer },
      // What agents said among themselves is about the person too.
      messages: visibleEntries(messagesFrom(1), chat.parties, 'supervisor').map((entry) =>
        messageView(entry, wire),
      ),
      files: chat.files.map(({ fileId: id, name, size, mediaType, sha256, isDeleted }) => {
        return { id, name, size, mediaType, sha256, isDeleted };
      }),
    });
  }
  return {
    statusCode: 0,
    contacts: profiles.map((row) => contactView(row, operations.people, wire)),
    chats: exported,
    audit: audit.map((row) => auditEntry(row, wire)),
    next,
  };
}
