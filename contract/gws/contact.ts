import Type from 'typebox';
import { bounds } from '../bounds.ts';
import { BooleanParameter, CountParameter } from '../parameters.ts';
import type { OperationTable } from './operations.ts';
import { Id, Path, Timestamp, Uri } from './primitives.ts';
import { CollectionQuery } from './queries.ts';

const lastAgent = Type.Optional(
  Type.String({ description: 'The employee id of the agent who served the contact last.' }),
);
const lastTime = Type.Optional(
  Type.String({ description: 'When that was, in UTC: `2016-08-16T09:59:05Z`.' }),
);

/**
 * The agent who served a contact last, under the names of the original (gws-agent-api §7.1): in the profile and in the
 * user data of the contact's chats. Absent as long as nobody asked to be remembered (`saveLAR`).
 */
export const lastAgentAttributes = {
  LastCalledAgent_EmployeeID: lastAgent,
  LastCalledAgent_TimeStamp: lastTime,
  LCA_EmplID_chat: lastAgent,
  LCA_TimeStamp_chat: lastTime,
};

/** A contact's profile (ours, for the original's is not known: gws-agent-api §10, row 20). What is empty is absent. */
export const Contact = Type.Object(
  {
    id: Id,
    uri: Uri,
    path: Path,
    firstName: Type.Optional(Type.String()),
    lastName: Type.Optional(Type.String()),
    emailAddress: Type.Optional(Type.String()),
    phoneNumber: Type.Optional(Type.String()),
    createdDate: Timestamp,
    ...lastAgentAttributes,
  },
  { title: 'Contact' },
);
export type Contact = Type.Static<typeof Contact>;

const detail = (maxLength: number) => Type.Optional(Type.String({ maxLength }));

/** What an agent can write into a profile; an empty text clears. */
export const ContactBody = Type.Object({
  firstName: detail(bounds.nameLength),
  lastName: detail(bounds.nameLength),
  emailAddress: detail(bounds.emailLength),
  phoneNumber: detail(bounds.nameLength),
});

/** All that is given must hold; words may be beginnings, and case and accents do not count. */
export const ContactsQuery = Type.Object({
  fields: CollectionQuery.properties.fields,
  name: detail(bounds.nameLength),
  emailAddress: detail(bounds.emailLength),
  phoneNumber: detail(bounds.nameLength),
  text: Type.Optional(
    Type.String({
      maxLength: bounds.nameLength,
      description: 'Words of the name, the address or the number.',
    }),
  ),
  limit: Type.Optional(CountParameter),
  offset: Type.Optional(CountParameter),
  sortBy: Type.Optional(Type.Enum(['name', 'emailAddress', 'createdDate'])),
  order: Type.Optional(Type.Enum(['Ascending', 'Descending'])),
});

/** The operations of `/ucs/contacts/{id}`. */
export const contactOperations = {
  MergeContact: {
    summary:
      'Makes another contact a part of this one: its chats and details belong to this one from now on. There is no way back.',
    parameters: Type.Object({
      contactId: Type.String({
        minLength: 1,
        maxLength: bounds.nameLength,
        description: 'The contact that becomes a part of this one.',
      }),
    }),
  },
} as const satisfies OperationTable;

/** The operations of `/contacts/ucs` (gws-agent-api §7.3). */
export const identifyOperations = {
  IdentifyUCSContact: {
    summary:
      'Finds a contact by e-mail or phone, or makes one; `contactId` or `errorMessage` is notified on `/v2/ucs/interactions`.',
    isAsynchronous: true,
    parameters: Type.Object({
      ...ContactBody.properties,
      mediaType: detail(bounds.nameLength),
      createContactEnabled: Type.Optional(BooleanParameter),
    }),
  },
} as const satisfies OperationTable;
