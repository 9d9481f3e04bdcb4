import Type from 'typebox';

/** Whether the agent takes new chats. A custom reason is a `NotReady` with a `reason` (gws-agent-api §6.2). */
export const Readiness = Type.Enum(['Ready', 'NotReady', 'LoggedOut']);
export type Readiness = Type.Static<typeof Readiness>;

const WorkMode = Type.Enum(['AfterCallWork', 'AuxWork']);

/** The state of an agent on a channel, as it stands in `/me` and in notifications (gws-agent-api §6.2). */
export const UserState = Type.Object(
  {
    id: Type.String(),
    displayName: Type.String(),
    state: Readiness,
    reason: Type.Optional(Type.String({ description: 'Why the agent is not ready, of a custom state.' })),
    workMode: Type.Optional(WorkMode),
  },
  { title: 'UserState' },
);
export type UserState = Type.Static<typeof UserState>;

/** A state that an agent can choose: `operationName` posted to `/me` or a channel sets it (gws-agent-api §6.2). */
export const AgentStateDescriptor = Type.Object(
  {
    id: Type.String(),
    operationName: Type.String(),
    displayName: Type.String(),
    state: Type.Enum(['Ready', 'NotReady', 'Logout']),
    reason: Type.Optional(Type.String()),
    workMode: Type.Optional(WorkMode),
  },
  { title: 'AgentStateDescriptor' },
);
export type AgentStateDescriptor = Type.Static<typeof AgentStateDescriptor>;

/** A media channel of the signed-in agent (gws-agent-api §6.3). */
export const MediaChannel = Type.Object(
  {
    channel: Type.String({ description: 'The name of the medium: `chat`.' }),
    dndState: Type.Enum(['On', 'Off'], { description: 'Do not disturb.' }),
    userState: UserState,
  },
  { title: 'MediaChannel' },
);
export type MediaChannel = Type.Static<typeof MediaChannel>;
