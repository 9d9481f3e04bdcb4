import Type from 'typebox';
import { UserState } from './agent-state.ts';
import { Id, Path, Uri } from './primitives.ts';

const address = { id: Id, uri: Uri, path: Path };
const optionalText = Type.Optional(Type.String());

/** A skill of the contact centre (gws-agent-api §8.5). */
export const SkillRecord = Type.Object({ ...address, name: Type.String() }, { title: 'SkillRecord' });
export type SkillRecord = Type.Static<typeof SkillRecord>;

/** A queue (gws-agent-api §8.5); `priority` and what follows are ours. */
export const QueueRecord = Type.Object(
  {
    ...address,
    name: Type.String(),
    description: Type.String(),
    channel: Type.String(),
    phoneNumber: Type.String({ description: 'Always empty: there is no voice.' }),
    internal: Type.Boolean(),
    priority: Type.Number(),
    skills: Type.Array(Type.Object({ skill: Type.String(), level: Type.Integer() })),
  },
  { title: 'QueueRecord' },
);
export type QueueRecord = Type.Static<typeof QueueRecord>;

/** A disposition (gws-agent-api §8.3); `group` is its place in the hierarchy, null at the top (ours). */
export const Disposition = Type.Object(
  {
    id: Id,
    name: Type.String(),
    displayName: Type.String(),
    group: Type.Union([Type.String(), Type.Null()]),
    uri: Uri,
    path: Path,
  },
  { title: 'Disposition' },
);
export type Disposition = Type.Static<typeof Disposition>;

/**
 * A group: of agents (`BusinessUnit`), of dispositions or of standard responses (`response-templates`, ours). With
 * `subresources=**` it carries what it contains, groups within groups.
 */
export const SetUpGroup = Type.Object(
  {
    ...address,
    name: Type.String(),
    type: Type.Enum(['dispositions', 'BusinessUnit', 'response-templates']),
    contains: Type.Array(Type.String()),
    defaultGroup: Type.Boolean(),
    groups: Type.Optional(Type.Array(Type.Unknown(), { description: 'Groups within this one.' })),
    dispositions: Type.Optional(Type.Array(Disposition)),
    users: Type.Optional(Type.Array(Type.Unknown())),
    responseTemplates: Type.Optional(Type.Array(Type.Unknown())),
  },
  { title: 'SetUpGroup' },
);
export type SetUpGroup = Type.Static<typeof SetUpGroup>;

/** A section of options (gws-agent-api §8.4). */
export const SettingsSection = Type.Object(
  {
    name: Type.String(),
    displayName: Type.String(),
    key: Type.Literal('name'),
    uri: Uri,
    path: Path,
    settings: Type.Array(Type.Object({ name: Type.String(), value: Type.String() })),
  },
  { title: 'SettingsSection' },
);
export type SettingsSection = Type.Static<typeof SettingsSection>;

/** A named list of values (gws-agent-api §8.4). */
export const BusinessAttribute = Type.Object(
  {
    name: Type.String(),
    displayName: Type.String(),
    description: Type.String(),
    userProperties: Type.Array(Type.Unknown()),
    values: Type.Array(
      Type.Object({
        name: Type.String(),
        displayName: Type.String(),
        description: Type.String(),
        userProperties: Type.Array(Type.Unknown()),
        default: Type.Boolean(),
      }),
    ),
  },
  { title: 'BusinessAttribute' },
);
export type BusinessAttribute = Type.Static<typeof BusinessAttribute>;

/** A part of the contact centre that desktops watch (gws-agent-api §8.5). */
export const ServiceRecord = Type.Object(
  {
    ...address,
    name: Type.String(),
    type: Type.Enum(['Provisioning', 'MultiMediaState', 'MultiMediaContent', 'Reporting']),
    state: Type.Enum(['Active', 'Inactive']),
  },
  { title: 'ServiceRecord' },
);
export type ServiceRecord = Type.Static<typeof ServiceRecord>;

/** A standard response (gws-agent-api §8.2); attributes without a value are left out. */
export const ResponseTemplate = Type.Object(
  {
    ...address,
    name: Type.String(),
    subject: optionalText,
    body: Type.String(),
    description: optionalText,
    language: Type.String(),
    category: Type.String({ description: 'Ours: the path of its category.' }),
    groupUri: Uri,
    approved: Type.Boolean(),
    attachments: Type.Array(Type.Unknown(), { description: 'Always empty.' }),
    customFieldCodes: Type.Array(Type.String(), { description: 'The field codes in its text.' }),
    usage: Type.Optional(
      Type.Record(Type.String(), Type.Integer(), {
        description: 'Ours: how often it was used, by type of use.',
      }),
    ),
  },
  { title: 'ResponseTemplate' },
);
export type ResponseTemplate = Type.Static<typeof ResponseTemplate>;

/** A category in the form of the contact server (gws-agent-api §8.2). */
export const ResponseCategory = Type.Object(
  {
    categoryId: Id,
    name: Type.String(),
    description: Type.String(),
    language: Type.String(),
    status: Type.Enum(['Approved', 'NotApproved']),
    type: Type.Literal(2),
  },
  { title: 'ResponseCategory' },
);
export type ResponseCategory = Type.Static<typeof ResponseCategory>;

/** Whether a contact of the directory can be reached on a channel (gws-agent-api §8.1). `load`, `capacity`: ours. */
export const ChannelAvailability = Type.Object(
  {
    channel: Type.String(),
    available: Type.Boolean(),
    userState: Type.Optional(UserState),
    load: Type.Integer({ description: 'Chats with the agent; for a queue: chats that wait.' }),
    capacity: Type.Optional(Type.Integer({ description: 'Chats the agent takes at once.' })),
  },
  { title: 'ChannelAvailability' },
);
export type ChannelAvailability = Type.Static<typeof ChannelAvailability>;

/** Somebody or something in the directory (gws-agent-api §8.1). */
export const DirectoryContact = Type.Object(
  {
    ...address,
    name: Type.String(),
    type: Type.Enum(['User', 'Queue', 'Custom']),
    userName: optionalText,
    firstName: optionalText,
    lastName: optionalText,
    employeeId: optionalText,
    emailAddress: optionalText,
    phoneNumbers: Type.Array(
      Type.Object({ phoneNumber: Type.String(), description: Type.String(), switchName: Type.String() }),
    ),
    availability: Type.Object({ channels: Type.Array(ChannelAvailability) }),
    businessUnits: Type.Array(Type.String()),
    roles: Type.Array(Type.String()),
  },
  { title: 'DirectoryContact' },
);
export type DirectoryContact = Type.Static<typeof DirectoryContact>;

/** Where an agent's parked chats are (gws-agent-api §8.6). */
export const Workbin = Type.Object(
  {
    ...address,
    workbinName: Type.String(),
    displayName: Type.String(),
    type: Type.Literal('Agent'),
    chats: Type.Optional(Type.Array(Type.Unknown())),
  },
  { title: 'Workbin' },
);
export type Workbin = Type.Static<typeof Workbin>;

/** A row of the audit (ours). */
export const AuditEntry = Type.Object(
  {
    number: Type.Integer({ description: 'Dense, from 1.' }),
    timestamp: Type.String(),
    userId: Id,
    userName: Type.String(),
    action: Type.Enum(['Create', 'Update', 'Delete', 'Export', 'Erase']),
    kind: Type.String(),
    resourceId: Type.String(),
    before: Type.Unknown(),
    after: Type.Unknown(),
    previousHash: Type.String(),
    hash: Type.String({ description: 'SHA-256 of the row and `previousHash`.' }),
  },
  { title: 'AuditEntry' },
);
export type AuditEntry = Type.Static<typeof AuditEntry>;
