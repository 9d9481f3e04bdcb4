import Type from 'typebox';
import { bounds } from '../bounds.ts';
import { ChatMessage } from './chat.ts';
import { Contact } from './contact.ts';
import { Interaction } from './history.ts';
import type { OperationTable } from './operations.ts';
import { AuditEntry } from './set-up.ts';

const person = {
  contactId: Type.Optional(Type.String({ minLength: 1, maxLength: bounds.nameLength })),
  emailAddress: Type.Optional(Type.String({ minLength: 1, maxLength: bounds.emailLength })),
  phoneNumber: Type.Optional(Type.String({ minLength: 1, maxLength: bounds.nameLength })),
};
const exactlyOneOf = ['contactId', 'emailAddress', 'phoneNumber'];

/** What an administrator can ask about a person (ours): `POST /api/v2/privacy`. */
export const privacyOperations = {
  ExportPerson: {
    summary: 'Everything that is kept of a person, a page at a time; the audit says that it was handed out.',
    parameters: Type.Object({
      ...person,
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'Chats. Default 20.' })),
      after: Type.Optional(
        Type.String({ maxLength: bounds.nameLength, description: '`next` of the page before.' }),
      ),
    }),
    exactlyOneOf,
  },
  ErasePerson: {
    summary: 'Erases a person everywhere; the audit keeps a proof that says nothing of them.',
    parameters: Type.Object(person),
    exactlyOneOf,
  },
} as const satisfies OperationTable;

const ExportedChat = Type.Object({
  interaction: Interaction,
  customer: Type.Record(Type.String(), Type.String(), { description: 'What the customer told of themself.' }),
  messages: Type.Array(ChatMessage),
  files: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      size: Type.Integer(),
      mediaType: Type.String(),
      sha256: Type.String(),
      isDeleted: Type.Boolean(),
    }),
  ),
});

/** A page of everything that is kept of a person. */
export const PersonExport = Type.Object(
  {
    statusCode: Type.Literal(0),
    contacts: Type.Array(Contact, {
      description: 'Their profiles, those that were merged into others too. On the first page.',
    }),
    chats: Type.Array(ExportedChat),
    audit: Type.Array(AuditEntry, { description: 'Exports and erasures of this person. On the first page.' }),
    next: Type.Union([Type.String(), Type.Null()], { description: 'Null: this was the last page.' }),
  },
  { title: 'PersonExport' },
);
export type PersonExport = Type.Static<typeof PersonExport>;

const PersonErased = Type.Object(
  { statusCode: Type.Literal(0), contacts: Type.Integer(), chats: Type.Integer() },
  { title: 'PersonErased' },
);

export const privacyRoutes = {
  operatePrivacy: {
    auth: 'agent',
    tag: 'provisioning',
    feature: 'api-provisioning-write',
    method: 'POST',
    path: '/api/v2/privacy',
    summary: 'Exports or erases everything that is kept of a person.',
    operations: privacyOperations,
    reply: Type.Union([PersonExport, PersonErased]),
  },
} as const;
