import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { ServiceConfig } from '../config/config.ts';
import type { CustomerDetails, UserData } from '../domain/chat-event.ts';
import type { EventOf } from '../domain/commands.ts';
import { decideRequest } from '../domain/decide.ts';
import {
  newChatId,
  newContactId,
  newParticipantId,
  type ContactId,
  type ParticipantId,
} from '../domain/ids.ts';
import type { Client } from '../auth/client-addresses.ts';
import { admission, announcementOf } from './admission.ts';
import type { Commit } from './chat-book.ts';
import type { ContactBook, ContactDetails } from './contact-book.ts';
import { identified } from './identified-request.ts';
import { secureKeyFor } from './keyed-request.ts';
import { lastAgentAttributes } from './last-agent.ts';
import type { Operations } from './operations.ts';
import { placementOf } from './queues.ts';
import { digestOf } from './secure-keys.ts';

type RequestedEvent = EventOf<'ChatRequested'>;

export interface ChatRequest {
  readonly service: string;
  readonly customer: CustomerDetails;
  readonly userData: UserData;
  /** A first message, sent along with the request. */
  readonly text?: string;
  /** Where it was asked from; null or absent for what comes over no connection. */
  readonly client?: Client | null;
  /** A signed statement of who the customer is; never stored. */
  readonly identityToken?: string | undefined;
}

/** The customer's side of a new chat. The secure key is told once and never stored. */
export interface RequestedChat {
  readonly commit: Commit;
  readonly participantId: ParticipantId;
  readonly secureKey: string;
}

/**
 * Opens a chat for a customer: the contact is found or made, the chat enters its service's queue. Resolves when all
 * of it is durable. Refuses an unknown service (NotFound), what is beyond the rate limits, an identity as
 * `CustomerIdentity` says, and as Unavailable what would be beyond `limits.openChats` or comes while there is too much to
 * do (`Overload`); otherwise as `admission` says.
 */
export async function requestChat(
  operations: Operations,
  asked: ChatRequest,
): Promise<RequestedChat | Refusal> {
  const { random, chats, contacts, limits, overload } = operations;
  const service = operations.services.get(asked.service);
  if (!service) return refuse('NotFound', `There is no service named "${asked.service}".`);
  const early = overload.newChat() ?? admission(operations, service);
  if (isRefusal(early)) return early;
  const { client = null } = asked;
  const tooMany = limits.newChat(client, service.name);
  if (tooMany) return tooMany;
  const verified = await operations.identity.verify(service.name, asked.identityToken);
  if (isRefusal(verified)) return verified;
  const request = identified(asked, verified);
  const { customer } = request;
  const contact = await contactOf(operations, request);
  const { id: contactId, lastAgentId } = contact.row;
  const lastAgent = lastAgentAttributes(contact.row, operations.people);
  const chatId = newChatId(random);
  const participantId = newParticipantId(random);
  const secureKey = secureKeyFor(random);
  // Asked again, for others may have come while the contact was looked up.
  const admitted = overload.newChat() ?? admission(operations, service);
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
      ...lifetimeOf(service),
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
  limits.opened(client, chatId);
  return { commit, participantId, secureKey };
}

/** The contact, held: the one that the issuer of a token named, else the one with the customer's details. */
async function contactOf(
  operations: Operations,
  request: ChatRequest & { readonly contactId?: ContactId },
): ReturnType<ContactBook['identify']> {
  const { contacts, clock, random, mask } = operations;
  const named = request.contactId === undefined ? null : await contacts.hold(request.contactId);
  if (named) return { row: named, writes: [] };
  return contacts.identify(mask.profile(detailsOf(request), 'customer'), {
    newId: () => newContactId(random),
    nowMs: clock.now(),
  });
}

/** What is usual is left out. */
function lifetimeOf(service: ServiceConfig): Pick<RequestedEvent, 'isAsync' | 'stopAbandoned'> {
  const { async, stopAbandonedInteraction: stopAbandoned } = service;
  return {
    ...(async ? { isAsync: true } : {}),
    ...(stopAbandoned === 'noagents' ? {} : { stopAbandoned }),
  };
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
