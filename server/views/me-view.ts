import type { MediaChannel } from '@parley/contract/gws/agent-state.ts';
import type { Feature, FeatureId, FullUser, Skill } from '@parley/contract/gws/user.ts';
import type { Config } from '../config/config.ts';
import type { Chat } from '../domain/chat.ts';
import type { AgentState } from '../domain/agent.ts';
import type { ConfiguredAgent } from '../operations/people.ts';
import type { AgentStates } from '../presence/agent-states.ts';
import { features, roles, type Role } from '../presence/features.ts';
import { chatView } from './agent-view.ts';
import { wireIds } from './name-id.ts';
import { businessUnitsOf, businessUnitView } from './set-up-view.ts';
import type { WireFormat } from './wire-format.ts';

export interface MeContext {
  readonly wire: WireFormat;
  readonly states: AgentStates;
  readonly config: Config;
}

/** The agent's channels (gws-agent-api §6.3). */
export function channelViews(agent: AgentState, states: AgentStates): MediaChannel[] {
  return agent.channels.map(({ channel, operationName, doNotDisturb }) => ({
    channel,
    dndState: doNotDisturb ? 'On' : 'Off',
    userState: states.userState(operationName),
  }));
}

function skillViews(person: ConfiguredAgent, wire: WireFormat): Skill[] {
  return [...person.skills].map(([name, level]) => {
    const id = wireIds.skill(name);
    const path = `/skills/${id}`;
    return { id, name, level: String(level), uri: wire.uri(path), path };
  });
}

/** The features of a list of ids, in the order of the table. */
export function featureViews(ids: readonly FeatureId[], wire: WireFormat): Feature[] {
  return features
    .filter(({ id }) => ids.includes(id))
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

/** A role as the API gives it out (gws-agent-api §2.1). */
export const roleNames = { agent: 'ROLE_AGENT', supervisor: 'ROLE_SUPERVISOR', admin: 'ROLE_ADMIN' } as const;

export type RoleName = (typeof roleNames)[keyof typeof roleNames];

export function isRoleName(name: string): name is RoleName {
  return Object.values<string>(roleNames).includes(name);
}

/** The role behind its name on the wire. */
export function roleOfName(name: RoleName): Role {
  const found = roles.find((role) => roleNames[role] === name);
  if (!found) throw new Error(`${name} is no role`);
  return found;
}

/** The whole user object (gws-agent-api §2.7); the route picks what was asked for. */
export function userView(
  person: ConfiguredAgent,
  now: { readonly agent: AgentState; readonly chats: readonly Chat[] },
  context: MeContext,
): FullUser {
  const { wire, states, config } = context;
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
    contactCenterId: config.contactCenter.id,
    uri: wire.uri(path),
    path,
    devices: [],
    skills: skillViews(person, wire),
    channels,
    channelStates: channels,
    interactions: [],
    chats: now.chats.map((chat) => chatView(chat, person.agentId, wire)),
    calls: [],
    settings: config.userSettings as FullUser['settings'],
    groups: businessUnitsOf(config, person.userName).map((name) => businessUnitView(name, wire)),
    features: featureViews(person.features, wire),
  };
}
