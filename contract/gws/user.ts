import Type from 'typebox';
import { MediaChannel } from './agent-state.ts';
import { Chat } from './chat.ts';
import { Id, Path, Uri } from './primitives.ts';

/** A role in the form that the API gives out (gws-agent-api §2.1). */
export const Role = Type.Enum(['ROLE_AGENT', 'ROLE_SUPERVISOR', 'ROLE_ADMIN'], { title: 'Role' });
export type Role = Type.Static<typeof Role>;

/** What a user may use. `api-multimedia-chat` stands for `api-multimedia` too (gws-agent-api §10, row 13). */
export const featureIds = [
  'api-multimedia',
  'api-multimedia-chat',
  'api-supervisor-monitoring',
  'api-supervisor-agent-control',
  'api-provisioning-read',
  'api-provisioning-write',
] as const;
export type FeatureId = (typeof featureIds)[number];

/** A feature as `/me` lists it (gws-agent-api §2.7). */
export const Feature = Type.Object(
  {
    id: Type.String(),
    displayName: Type.String(),
    description: Type.String(),
    autoAssignOnContactCenterCreate: Type.Boolean(),
    uri: Uri,
    path: Path,
  },
  { title: 'Feature' },
);
export type Feature = Type.Static<typeof Feature>;

/** A skill of an agent; `level` is a decimal number in a string, as in the original (gws-agent-api §2.7). */
export const Skill = Type.Object(
  { id: Id, name: Type.String(), level: Type.String({ pattern: String.raw`^\d+$` }), uri: Uri, path: Path },
  { title: 'Skill' },
);
export type Skill = Type.Static<typeof Skill>;

/** A group that the user belongs to (gws-agent-api §2.7). */
export const Group = Type.Object(
  {
    id: Id,
    name: Type.String(),
    type: Type.String(),
    contains: Type.Array(Type.String()),
    uri: Uri,
    path: Path,
  },
  { title: 'Group' },
);
export type Group = Type.Static<typeof Group>;

/** Settings by section, then key (gws-agent-api §2.7): present even when empty, for a client dereferences it. */
export const Settings = Type.Record(Type.String(), Type.Record(Type.String(), Type.String()));

const identity = {
  id: Id,
  userName: Type.String(),
  firstName: Type.String(),
  lastName: Type.String(),
  emailAddress: Type.String(),
  roles: Type.Array(Role),
  enabled: Type.Boolean(),
  changePasswordOnFirstLogin: Type.Boolean(),
  contactCenterId: Type.String(),
  uri: Uri,
  path: Path,
};

const subresources = {
  devices: Type.Array(Type.Unknown(), { description: 'Always empty: there is no voice.' }),
  skills: Type.Array(Skill),
  channels: Type.Array(MediaChannel),
  channelStates: Type.Array(MediaChannel, { description: 'A copy of `channels` that older clients read.' }),
  interactions: Type.Array(Type.Unknown(), { description: 'Always empty: see `chats`.' }),
  chats: Type.Array(Chat),
  calls: Type.Array(Type.Unknown(), { description: 'Always empty: there is no voice.' }),
  settings: Settings,
  groups: Type.Array(Group),
  features: Type.Array(Feature),
};

/** The whole user: what `subresources=*` answers (gws-agent-api §2.7). */
export const FullUser = Type.Object({ ...identity, ...subresources });
export type FullUser = Type.Static<typeof FullUser>;

/** The subresources that can be named in `subresources=`. */
export const subresourceNames = Object.keys(subresources) as readonly (keyof typeof subresources)[];
export type SubresourceName = keyof typeof subresources;

/** The signed-in user with the fields and subresources that were asked for (gws-agent-api §1.3, §2.7). */
export const User = Type.Partial(FullUser, { title: 'User' });
export type User = Type.Static<typeof User>;
