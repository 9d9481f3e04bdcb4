import type { MediaChannel } from '@parley/contract/gws/agent-state.ts';
import type { Feature, FullUser, Skill } from '@parley/contract/gws/user.ts';
import { createHash } from 'node:crypto';
import type { Chat } from '../domain/chat.ts';
import type { AgentState } from '../domain/agent.ts';
import type { ConfiguredAgent } from '../operations/people.ts';
import type { AgentStates } from '../presence/agent-states.ts';
import { features } from '../presence/features.ts';
import { chatView } from './agent-view.ts';
import type { WireFormat } from './wire-format.ts';

export interface MeContext {
  readonly wire: WireFormat;
  readonly states: AgentStates;
  readonly contactCenterId: string;
}

/** The agent's channels (gws-agent-api §6.3). */
export function channelViews(agent: AgentState, states: AgentStates): MediaChannel[] {
  return agent.channels.map(({ channel, operationName, doNotDisturb }) => ({
    channel,
    dndState: doNotDisturb ? 'On' : 'Off',
    userState: states.userState(operationName),
  }));
}

/** A UUID (version 8) made of a name, for what has no id of its own. */
function idOfName(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function skillViews(person: ConfiguredAgent, wire: WireFormat): Skill[] {
  return [...person.skills].map(([name, level]) => {
    const id = idOfName(`skill:${name}`);
    const path = `/skills/${id}`;
    return { id, name, level: String(level), uri: wire.uri(path), path };
  });
}

function featureViews(person: ConfiguredAgent, wire: WireFormat): Feature[] {
  return features
    .filter(({ id }) => person.features.includes(id))
    .map(({ id, displayName, description }) => {
      const path = `/features/${id}`;
      return {
        id,
        displayName,
        description,
        autoAssignOnContactCenterCreate: false,
        uri: wire.uri(path),
        path,
      };
    });
}

const roleNames = { agent: 'ROLE_AGENT', supervisor: 'ROLE_SUPERVISOR', admin: 'ROLE_ADMIN' } as const;

/** The whole user object (gws-agent-api §2.7); the route picks what was asked for. */
export function userView(
  person: ConfiguredAgent,
  now: { readonly agent: AgentState; readonly chats: readonly Chat[] },
  context: MeContext,
): FullUser {
  const { wire, states, contactCenterId } = context;
  const path = `/users/${person.agentId}`;
  const channels = channelViews(now.agent, states);
  return {
    id: person.agentId,
    userName: person.userName,
    firstName: person.firstName,
    lastName: person.lastName,
    emailAddress: person.emailAddress,
    roles: person.roles.map((role) => roleNames[role]),
    enabled: true,
    changePasswordOnFirstLogin: false,
    contactCenterId,
    uri: wire.uri(path),
    path,
    devices: [],
    skills: skillViews(person, wire),
    channels,
    channelStates: channels,
    interactions: [],
    chats: now.chats.map((chat) => chatView(chat, person.agentId, wire)),
    calls: [],
    settings: {},
    groups: [],
    features: featureViews(person, wire),
  };
}
