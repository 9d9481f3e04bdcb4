import type { Contact } from '@parley/contract/gws/contact.ts';
import type { ChatMessage } from '@parley/contract/gws/chat.ts';
import type { Interaction } from '@parley/contract/gws/history.ts';
import type { LoginSession } from './login-session.ts';
import { ParleyError } from './parley-error.ts';

/** What a profile is made of; an empty text clears. */
export interface ContactFields {
  readonly firstName?: string;
  readonly lastName?: string;
  readonly emailAddress?: string;
  readonly phoneNumber?: string;
}

/** A page and its order; see the API description for what can be sorted by. */
export interface PageOptions {
  readonly limit?: number;
  readonly offset?: number;
  readonly sortBy?: string;
  readonly order?: 'Ascending' | 'Descending';
}

export interface ContactsPage {
  readonly totalCount: number;
  readonly contacts: readonly Contact[];
}

/** All that is given must hold. `after`: goes on after this chat. */
export interface InteractionsFilter extends Omit<PageOptions, 'sortBy'> {
  readonly contactId?: string;
  readonly userId?: string;
  readonly text?: string;
  readonly queueName?: string;
  readonly service?: string;
  readonly disposition?: string;
  readonly state?: Interaction['state'];
  readonly fromDate?: string;
  readonly toDate?: string;
  readonly after?: string;
}

/** What the history calls take; see gws-agent-api §7.2. */
export interface HistoryParameters {
  readonly fromDate?: string;
  readonly toDate?: string;
  readonly mediaType?: string;
  readonly sort?: 'asc' | 'desc';
  readonly source?: 'main' | 'archive';
  readonly maxSize?: number;
  readonly customAttributes?: readonly string[];
  readonly searchCustomAttributes?: Readonly<Record<string, string>>;
}

export interface Transcript {
  readonly interaction: Interaction;
  readonly messages: readonly ChatMessage[];
}

/**
 * Contacts and the history of chats (gws-agent-api §7). Calls that return a `referenceId` bring what they find as the
 * event `history` of the agent, with the same number.
 */
export class ContactsClient {
  readonly #session: LoginSession;

  constructor(session: LoginSession) {
    this.#session = session;
  }

  search(
    filter: PageOptions & {
      readonly name?: string;
      readonly emailAddress?: string;
      readonly phoneNumber?: string;
      readonly text?: string;
    } = {},
  ): Promise<ContactsPage> {
    return this.#session.request('GET', withQuery(contactsPath, { fields: '*', ...filter }));
  }

  create(fields: ContactFields): Promise<{ readonly id: string; readonly uri: string }> {
    return this.#session.request('POST', contactsPath, { body: fields });
  }

  async get(id: string): Promise<Contact> {
    return (await this.#session.request<{ contact: Contact }>('GET', contactPath(id))).contact;
  }

  async update(id: string, fields: ContactFields): Promise<Contact> {
    const path = contactPath(id);
    return (await this.#session.request<{ contact: Contact }>('PUT', path, { body: fields })).contact;
  }

  async delete(id: string): Promise<void> {
    await this.#session.request('DELETE', contactPath(id));
  }

  /** Makes `fromId` a part of `id`; there is no way back. */
  async merge(id: string, fromId: string): Promise<Contact> {
    const body = { operationName: 'MergeContact', contactId: fromId };
    return (await this.#session.request<{ contact: Contact }>('POST', contactPath(id), { body })).contact;
  }

  identify(
    fields: ContactFields & { readonly mediaType?: string; readonly createContactEnabled?: boolean },
  ): Promise<number> {
    return this.#ask('/api/v2/contacts/ucs', 'IdentifyUCSContact', fields);
  }

  retrieveContactHistory(contactId: string, parameters: HistoryParameters = {}): Promise<number> {
    return this.#ask(`${contactPath(contactId)}/interactions`, 'RetrieveContactHistory', parameters);
  }

  retrieveInteractionHistory(parameters: HistoryParameters = {}): Promise<number> {
    return this.#ask(interactionsPath, 'RetrieveInteractionHistory', parameters);
  }

  retrieveAgentHistory(userId: string, parameters: HistoryParameters = {}): Promise<number> {
    return this.#ask(interactionsPath, 'RetrieveAgentHistory', { userId, ...parameters });
  }

  getInteractionContent(id: string): Promise<number> {
    return this.#ask(`${interactionsPath}/${encodeURIComponent(id)}`, 'GetInteractionContent', {});
  }

  async interactions(filter: InteractionsFilter = {}): Promise<readonly Interaction[]> {
    const path = withQuery(interactionsPath, { fields: '*', ...filter });
    return (await this.#session.request<{ interactions: Interaction[] }>('GET', path)).interactions;
  }

  async interaction(id: string): Promise<Interaction> {
    const path = `/api/v2/interactions/${encodeURIComponent(id)}`;
    return (await this.#session.request<{ interaction: Interaction }>('GET', path)).interaction;
  }

  transcript(id: string): Promise<Transcript> {
    return this.#session.request('GET', `/api/v2/chats/${encodeURIComponent(id)}/transcript`);
  }

  /** The transcript as one document: plain text, or the XML of the original's Chat Server. */
  async transcriptAs(id: string, format: 'text' | 'xml'): Promise<string> {
    const path = `/api/v2/chats/${encodeURIComponent(id)}/transcript?format=${format}`;
    const response = await this.#session.fetch(this.#session.url(path));
    if (response.ok) return response.text();
    const reply = (await response.json()) as { readonly statusCode: number; readonly statusMessage: string };
    throw new ParleyError(`GET ${path}: ${reply.statusMessage}`, {
      statusCode: reply.statusCode,
      httpStatus: response.status,
    });
  }

  async #ask(path: string, operationName: string, parameters: object): Promise<number> {
    const body = { operationName, ...parameters };
    return (await this.#session.request<{ referenceId: number }>('POST', path, { body })).referenceId;
  }
}

const contactsPath = '/api/v2/ucs/contacts';
const interactionsPath = '/api/v2/ucs/interactions';
const contactPath = (id: string): string => `${contactsPath}/${encodeURIComponent(id)}`;

function withQuery(path: string, fields: object): string {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return `${path}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}
