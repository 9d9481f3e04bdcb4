import type { ChannelAvailability, DirectoryContact } from '@parley/contract/gws/set-up.ts';
import { readyForChatSince } from '../domain/agent.ts';
import type { Operations } from '../operations/operations.ts';
import type { ConfiguredAgent } from '../operations/people.ts';
import type { AgentStates } from '../presence/agent-states.ts';
import { wireIds } from './name-id.ts';
import { roleNames } from './me-view.ts';
import { businessUnitsOf } from './set-up-view.ts';
import type { WireFormat } from './wire-format.ts';

export interface DirectoryContext {
  readonly operations: Operations;
  readonly states: AgentStates;
  readonly wire: WireFormat;
}

function address(wire: WireFormat, id: string) {
  const path = `/contacts/${id}`;
  return { id, uri: wire.uri(path), path };
}

function userContact(
  person: ConfiguredAgent,
  { operations, states, wire }: DirectoryContext,
): DirectoryContact {
  const { agentId, userName, firstName, lastName, employeeId, emailAddress, chatCapacity } = person;
  const state = operations.roster.stateOf(agentId);
  const load = operations.chats.loadOf(agentId);
  const channels = state.channels.map(({ channel, operationName }): ChannelAvailability => ({
    channel,
    available: readyForChatSince(state) !== null && load < chatCapacity,
    userState: states.userState(operationName),
    load,
    capacity: chatCapacity,
  }));
  return {
    ...address(wire, agentId),
    name: [firstName, lastName].filter((part) => part !== '').join(' ') || userName,
    type: 'User',
    userName,
    firstName,
    lastName,
    employeeId,
    emailAddress,
    phoneNumbers: [],
    availability: { channels },
    businessUnits: [...businessUnitsOf(operations.config, userName)],
    roles: person.roles.map((role) => roleNames[role]),
  };
}

function otherContact(id: string, name: string, { wire }: DirectoryContext): Omit<DirectoryContact, 'type'> {
  return {
    ...address(wire, id),
    name,
    phoneNumbers: [],
    availability: { channels: [] },
    businessUnits: [],
    roles: [],
  };
}

/** Everybody and everything in the directory: agents, queues, others (gws-agent-api §8.1). */
export function directoryContacts(context: DirectoryContext): DirectoryContact[] {
  const { operations } = context;
  const waiting = Map.groupBy(operations.chats.waiting(), (chat) => chat.placement.queue);
  const users = [...operations.people.values()].map((person) => userContact(person, context));
  const queues = [...operations.queues.keys()].map((name): DirectoryContact => {
    const load = waiting.get(name)?.length ?? 0;
    const channels = [{ channel: 'chat', available: true, load }];
    return { ...otherContact(wireIds.queue(name), name, context), type: 'Queue', availability: { channels } };
  });
  const others = operations.config.directory.map(({ name, phoneNumber, emailAddress }): DirectoryContact => {
    const phoneNumbers = phoneNumber === undefined ? [] : [{ phoneNumber, description: '', switchName: '' }];
    const contact = otherContact(wireIds.contact(name), name, context);
    return { ...contact, type: 'Custom', phoneNumbers, ...(emailAddress ? { emailAddress } : {}) };
  });
  return [...users, ...queues, ...others];
}

/** Whether each word of the text occurs in one of the contact's names or numbers, without regard to case. */
export function matchesNames(contact: DirectoryContact, text: string): boolean {
  const { name, userName = '', firstName = '', lastName = '', phoneNumbers } = contact;
  const found = [name, userName, firstName, lastName, ...phoneNumbers.map((one) => one.phoneNumber)]
    .join('\n')
    .toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => found.includes(word));
}
