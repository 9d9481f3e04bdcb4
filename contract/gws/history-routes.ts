import Type from 'typebox';
import { ChatMessage } from './chat.ts';
import { Contact, ContactBody, contactOperations, ContactsQuery, identifyOperations } from './contact.ts';
import {
  contactHistoryOperations,
  historyOperations,
  Interaction,
  interactionOperations,
  InteractionsQuery,
  TranscriptQuery,
} from './history.ts';
import { Id, Path, ReferenceId, Uri } from './primitives.ts';
import { OkReply } from './replies.ts';

const ok = Type.Literal(0);
const contacts = { auth: 'agent', feature: 'api-multimedia', tag: 'contacts' } as const;
const asynchronous = Type.Object(
  { statusCode: ok, referenceId: ReferenceId },
  { title: 'AsynchronousReply' },
);
const contact = Type.Object({ statusCode: ok, contact: Contact }, { title: 'ContactReply' });
const uris = Type.Array(Uri);
const totalCount = Type.Integer({
  description: 'Of all pages; 10,000, of a search 2,000, stands for more as well.',
});

/** Contacts, the history of chats, transcripts (gws-agent-api §7; where that is silent, ours). */
export const historyRoutes = {
  getContacts: {
    ...contacts,
    method: 'GET',
    path: '/api/v2/ucs/contacts',
    summary: 'The contacts that match, a page of them.',
    query: ContactsQuery,
    reply: Type.Union([
      Type.Object({ statusCode: ok, totalCount, uris }),
      Type.Object({ statusCode: ok, totalCount, contacts: Type.Array(Type.Partial(Contact)) }),
    ]),
  },
  createContact: {
    ...contacts,
    method: 'POST',
    path: '/api/v2/ucs/contacts',
    summary: 'Makes a contact.',
    body: ContactBody,
    reply: Type.Object({ statusCode: ok, id: Id, uri: Uri, path: Path }),
  },
  getContact: {
    ...contacts,
    method: 'GET',
    path: '/api/v2/ucs/contacts/{id}',
    summary: 'One contact; of a merged one that which it became a part of.',
    reply: contact,
  },
  updateContact: {
    ...contacts,
    method: 'PUT',
    path: '/api/v2/ucs/contacts/{id}',
    summary: 'Sets the fields that are given; an empty text clears one.',
    body: ContactBody,
    reply: contact,
  },
  deleteContact: {
    ...contacts,
    method: 'DELETE',
    path: '/api/v2/ucs/contacts/{id}',
    summary:
      'Deletes a contact, for supervisors and administrators; its chats stay. Refused while one is live.',
    reply: OkReply,
  },
  operateContact: {
    ...contacts,
    method: 'POST',
    path: '/api/v2/ucs/contacts/{id}',
    summary: 'Merges another contact into this one.',
    operations: contactOperations,
    reply: contact,
  },
  identifyContact: {
    ...contacts,
    method: 'POST',
    path: '/api/v2/contacts/ucs',
    summary: 'Finds or makes a contact.',
    operations: identifyOperations,
    reply: asynchronous,
  },
  retrieveContactHistory: {
    ...contacts,
    method: 'POST',
    path: '/api/v2/ucs/contacts/{id}/interactions',
    summary: 'Reads the chats of a contact.',
    operations: contactHistoryOperations,
    reply: asynchronous,
  },
  retrieveHistory: {
    ...contacts,
    method: 'POST',
    path: '/api/v2/ucs/interactions',
    summary: 'Reads the chats of everybody or of an agent.',
    operations: historyOperations,
    reply: asynchronous,
  },
  retrieveInteraction: {
    ...contacts,
    method: 'POST',
    path: '/api/v2/ucs/interactions/{id}',
    summary: 'Reads a chat with its messages.',
    operations: interactionOperations,
    reply: asynchronous,
  },
  getInteractions: {
    ...contacts,
    method: 'GET',
    path: '/api/v2/ucs/interactions',
    summary: 'The chats that match, newest first unless told otherwise, a page of them.',
    query: InteractionsQuery,
    reply: Type.Union([
      Type.Object({ statusCode: ok, uris }),
      Type.Object({ statusCode: ok, interactions: Type.Array(Type.Partial(Interaction)) }),
    ]),
  },
  getInteraction: {
    ...contacts,
    method: 'GET',
    path: '/api/v2/interactions/{id}',
    summary: 'One chat, as the history tells of it.',
    reply: Type.Object({ statusCode: ok, interaction: Interaction }),
  },
  getTranscript: {
    ...contacts,
    method: 'GET',
    path: '/api/v2/chats/{id}/transcript',
    summary: "What was said in a chat: JSON, plain text, or the Chat Server's XML. Typing is left out.",
    query: TranscriptQuery,
    reply: Type.Object(
      { statusCode: ok, interaction: Interaction, messages: Type.Array(ChatMessage) },
      { title: 'Transcript' },
    ),
  },
} as const;
