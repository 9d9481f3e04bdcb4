import type { ChatEvent, StoredEvent } from '../domain/chat-event.ts';
import type { AgentId, ContactId } from '../domain/ids.ts';
import type { ContactRow, Journal, TableWrite } from '../journal/journal.ts';
import { withLastAgent } from '../journal/projection.ts';

/** The details by which a customer is recognised, and the names their new profile gets. */
export interface ContactDetails {
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly emailAddress?: string | undefined;
  readonly phoneNumber?: string | undefined;
}

interface Held {
  row: ContactRow;
  /** Live chats and running requests of this contact; at none the row is let go. */
  holds: number;
}

function keysOf(details: {
  readonly emailAddress?: string | null | undefined;
  readonly phoneNumber?: string | null | undefined;
}): string[] {
  const { emailAddress, phoneNumber } = details;
  return [
    ...(emailAddress ? [`e:${emailAddress.toLowerCase()}`] : []),
    ...(phoneNumber ? [`p:${phoneNumber}`] : []),
  ];
}

/**
 * The profiles of the contacts whose chats are live. Others are read from the journal when their owner comes back.
 * Size: at most one row for each live chat and running request.
 */
export class ContactBook {
  readonly #journal: Journal;
  readonly #held = new Map<ContactId, Held>();
  readonly #byKey = new Map<string, ContactId>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /**
   * Finds the contact with the same e-mail address or phone number, else makes one with `newId`. A details-less
   * customer always gets a new profile. The contact is held; `release` lets it go.
   * Returns the row and the write that stores it when it is new.
   */
  async identify(
    details: ContactDetails,
    made: { readonly newId: () => ContactId; readonly nowMs: number },
  ): Promise<{ readonly row: ContactRow; readonly writes: readonly TableWrite[] }> {
    const known = this.#inMemory(details) ?? (await this.#stored(details));
    // Somebody may have made the same contact while the journal was asked.
    const held = this.#inMemory(details);
    if (held) return { row: this.#hold(held), writes: [] };
    if (known) return { row: this.#hold(known), writes: [] };
    const row: ContactRow = {
      id: made.newId(),
      firstName: details.firstName ?? null,
      lastName: details.lastName ?? null,
      emailAddress: details.emailAddress ?? null,
      phoneNumber: details.phoneNumber ?? null,
      createdAtMs: made.nowMs,
      lastAgentId: null,
      lastAgentAtMs: null,
    };
    return { row: this.#hold(row), writes: [{ table: 'contacts', row }] };
  }

  /** Takes over the contact of a chat that was live when the server stopped. */
  async restore(contactId: ContactId): Promise<void> {
    const row = this.#held.get(contactId)?.row ?? (await this.#journal.findContact({ id: contactId }));
    if (row) this.#hold(row);
  }

  /** Gives back one hold of `identify` or `restore`. */
  release(contactId: ContactId): void {
    const held = this.#held.get(contactId);
    if (!held || --held.holds > 0) return;
    this.#held.delete(contactId);
    for (const key of keysOf(held.row)) this.#byKey.delete(key);
  }

  /** The writes that follow from events: `LastAgentSaved` changes the profile. */
  writesFor(stored: readonly StoredEvent[]): readonly TableWrite[] {
    return stored.flatMap(({ event, atMs }) =>
      event.type === 'LastAgentSaved' ? this.#remember(event, atMs) : [],
    );
  }

  #remember(event: Extract<ChatEvent, { type: 'LastAgentSaved' }>, atMs: number): readonly TableWrite[] {
    const held = this.#held.get(event.contactId);
    if (!held) return [];
    held.row = withLastAgent(held.row, event.agentId, atMs);
    return [{ table: 'contacts', row: held.row }];
  }

  /** The agent the profile remembers. */
  lastAgentOf(contactId: ContactId): AgentId | null {
    return this.#held.get(contactId)?.row.lastAgentId ?? null;
  }

  #inMemory(details: ContactDetails): ContactRow | null {
    for (const key of keysOf(details)) {
      const id = this.#byKey.get(key);
      const held = id && this.#held.get(id);
      if (held) return held.row;
    }
    return null;
  }

  async #stored(details: ContactDetails): Promise<ContactRow | null> {
    const { emailAddress, phoneNumber } = details;
    if (!emailAddress && !phoneNumber) return null;
    return this.#journal.findContact({
      ...(emailAddress ? { emailAddress } : {}),
      ...(phoneNumber ? { phoneNumber } : {}),
    });
  }

  #hold(row: ContactRow): ContactRow {
    const held = this.#held.get(row.id);
    if (held) {
      held.holds += 1;
      return held.row;
    }
    this.#held.set(row.id, { row, holds: 1 });
    for (const key of keysOf(row)) this.#byKey.set(key, row.id);
    return row;
  }
}
