import type { Interaction, InteractionState } from '@parley/contract/gws/history.ts';
import type { UserData } from '../domain/chat-event.ts';
import type { ChatRow } from '../journal/journal.ts';
import type { Operations } from '../operations/operations.ts';
import type { WireFormat } from './wire-format.ts';

const states: Record<ChatRow['state'], InteractionState> = {
  Waiting: 'New',
  Offered: 'New',
  Chatting: 'InProcess',
  Ended: 'InProcess',
  Closed: 'Stopped',
};

/** The states of chats that an interaction state stands for. No chat is `Pending` here. */
export function chatStatesOf(state: InteractionState): ChatRow['state'][] {
  return (Object.keys(states) as ChatRow['state'][]).filter((one) => states[one] === state);
}

export interface InteractionContext {
  readonly people: Operations['people'];
  readonly wire: WireFormat;
  /** The custom attributes to be told; all of them without. */
  readonly customAttributes?: readonly string[] | undefined;
}

/** A chat as the history tells of it (gws-agent-api §7.2). */
export function interactionView(
  row: ChatRow,
  { people, wire, customAttributes }: InteractionContext,
  userData?: UserData,
): Interaction {
  const path = `/interactions/${row.id}`;
  const owner = row.agentIds
    .flatMap((agentId) => people.get(agentId) ?? [])
    .map(({ agentId: id, userName, firstName, lastName }) => ({ id, userName, firstName, lastName }))
    .at(-1);
  const attributes = {
    QueueName: row.queue,
    ServiceType: row.service,
    ...(row.disposition === null ? {} : { DispositionCode: row.disposition }),
  };
  const told = Object.entries(attributes).filter(([name]) => customAttributes?.includes(name) ?? true);
  return {
    id: row.id,
    uri: wire.uri(path),
    path,
    mediaType: 'chat',
    typeId: 'Inbound',
    state: states[row.state],
    startDate: wire.timestamp(row.requestedAtMs),
    ...(row.endedAtMs === null ? {} : { endDate: wire.timestamp(row.endedAtMs) }),
    ...(row.subject === null ? {} : { subject: row.subject }),
    customerName: row.customerName,
    contactId: row.contactId,
    ...(owner ? { ownerInformation: owner } : {}),
    customAttributes: Object.fromEntries(told),
    ...(userData ? { userData: { ...userData } } : {}),
  };
}
