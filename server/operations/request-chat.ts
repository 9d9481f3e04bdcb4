import { hash } from 'node:crypto';
import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { CustomerDetails, UserData } from '../domain/chat-event.ts';
import { decideRequest } from '../domain/decide.ts';
import {
  newChatId,
  newContactId,
  newParticipantId,
  newSecureKey,
  type ParticipantId,
} from '../domain/ids.ts';
import { admission, announcementOf } from './admission.ts';
import type { Commit } from './chat-book.ts';
import type { ContactDetails } from './contact-book.ts';
import { lastAgentAttributes } from './last-agent.ts';
import type { Operations } from './operations.ts';
import { placementOf } from './queues.ts';

export interface ChatRequest {
  readonly service: string;
  readonly customer: CustomerDetails;
  readonly userData: UserData;
  /** A first message, sent along with the request. */
  readonly text?: string;
}

/** The customer's side of a new chat. The secure key is told once and never stored. */
export interface RequestedChat {
  readonly commit: Commit;
  readonly participantId: ParticipantId;
  readonly secureKey: string;
}

/** The digest under which a customer's secure key is stored. */
export function digestOf(secureKey: string): string {
  return hash('sha256', secureKey, 'hex');
}

/**
 * Opens a chat for a customer: the contact is found or made, the chat enters its service's queue. Resolves when all
 * of it is durable. Refuses an unknown service (NotFound), and as Unavailable new chats beyond `limits.openChats` or
 * while too much waits for the disk; otherwise as `admission` says.
 */
export async function requestChat(
  operations: Operations,
  request: ChatRequest,
): Promise<RequestedChat | Refusal> {
  const { config, clock, random, chats, contacts } = operations;
  const service = operations.services.get(request.service);
  if (!service) return refuse('NotFound', `There is no service named "${request.service}".`);
  if (chats.size >= config.limits.openChats) return refuse('Unavailable', 'Too many chats are open.');
  const early = admission(operations, service);
  if (isRefusal(early)) return early;
  const { customer } = request;
  const contact = await contacts.identify(detailsOf(request), {
    newId: () => newContactId(random),
    nowMs: clock.now(),
  });
  const { id: contactId, lastAgentId } = contact.row;
  const lastAgent = lastAgentAttributes(contact.row, operations.people);
  const chatId = newChatId(random);
  const participantId = newParticipantId(random);
  const secureKey = newSecureKey(random);
  // Asked again, for others may have come while the contact was looked up.
  const admitted = admission(operations, service);
  if (isRefusal(admitted)) {
    contacts.release(contactId);
    return admitted;
  }
  const announcement = announcementOf(operations, admitted.text);
  const events = decideRequest({
    requested: {
      type: 'ChatRequested',
      service: request.service,
      customer,
      contactId,
      ...(lastAgentId ? { lastAgentId } : {}),
      secureKeyDigest: digestOf(secureKey),
      userData: { ...withDetails(request.userData, customer, contactId), ...lastAgent },
    },
    participantId,
    placement: placementOf(operations, admitted.queue),
    ...(announcement ? { announcement } : {}),
    ...(request.text ? { message: { text: request.text } } : {}),
  });
  const commit = await chats.open(chatId, events, contact.writes);
  if (isRefusal(commit)) {
    contacts.release(contactId);
    return commit;
  }
  return { commit, participantId, secureKey };
}

/** A phone number has no field of its own on the customers' API: pages send it in the user data (gws-agent-api §5.6). */
function detailsOf({ customer, userData }: ChatRequest): ContactDetails {
  const { PhoneNumber: sent } = userData;
  const phoneNumber = customer.phoneNumber ?? (typeof sent === 'string' ? sent.trim() : undefined);
  return { ...customer, phoneNumber };
}

/** The keys that agents' desktops look for in attached data (gws-agent-api §5.6). */
function withDetails(userData: UserData, customer: CustomerDetails, contactId: string): UserData {
  const { firstName, lastName, emailAddress, phoneNumber, subject } = customer;
  const known = {
    FirstName: firstName,
    LastName: lastName,
    EmailAddress: emailAddress,
    PhoneNumber: phoneNumber,
    Subject: subject,
  };
  const given = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  return { ...userData, ...given, ContactId: contactId };
}
