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

/**
 * The states every contact centre has, with the ids that clients know by heart (gws-agent-api §6.2; the mixed case of
 * the third is the original's). Custom not-ready reasons come from the configuration.
 */
export const builtInAgentStates = [
  {
    id: '9430250E-0A1B-421F-B372-F29E69366DED',
    operationName: 'Ready',
    displayName: 'Ready',
    state: 'Ready',
  },
  {
    id: '900D55CC-2BB0-431F-8BF9-D3525B383BE6',
    operationName: 'NotReady',
    displayName: 'Not Ready',
    state: 'NotReady',
  },
  {
    id: '0F7F5003-EF26-4D13-A6Ef-D0C7EC819BEB',
    operationName: 'Offline',
    displayName: 'Offline',
    state: 'Logout',
  },
  {
    id: 'D3663509-3D82-4DD3-A82E-2EA8EFA02AEF',
    operationName: 'AfterCallWork',
    displayName: 'After Call Work',
    state: 'NotReady',
    workMode: 'AfterCallWork',
  },
  {
    id: '2B36138D-C564-4562-A8CB-3C32D564F296',
    operationName: 'AuxWork',
    displayName: 'Aux Work',
    state: 'NotReady',
    workMode: 'AuxWork',
  },
] as const satisfies readonly AgentStateDescriptor[];

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
