import type { ChatEvent, StoredEvent } from '../domain/chat-event.ts';
import type { AgentId, ContactId } from '../domain/ids.ts';
import type { ContactKey, ContactRow, Journal, TableWrite } from '../journal/journal.ts';
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
  /** Live chats, running requests and changes of this contact; at none the row is let go. */
  holds: number;
  /** Its own id and those of the contacts that were merged into it meanwhile. */
  readonly ids: Set<ContactId>;
  /** It is being deleted: nobody finds it any more. */
  isGone: boolean;
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

function whatIsThere(held: Held): ContactRow | null {
  return held.isGone ? null : held.row;
}

/** A profile of these details that nobody has served yet. */
export function newContact(
  { firstName, lastName, emailAddress, phoneNumber }: ContactDetails,
  { id, nowMs }: { readonly id: ContactId; readonly nowMs: number },
): ContactRow {
  return {
    id,
    firstName: firstName || null,
    lastName: lastName || null,
    emailAddress: emailAddress || null,
    phoneNumber: phoneNumber || null,
    createdAtMs: nowMs,
    lastAgentId: null,
    lastAgentAtMs: null,
  };
}

/**
 * The profiles of the contacts whose chats are live, or that are being changed: each is the truth while it is held.
 * Others are read from the journal when their owner comes back.
 * Size: at most one row for each live chat and running request.
 */
export class ContactBook {
  readonly #journal: Journal;
  readonly #held = new Map<ContactId, Held>();
  readonly #byKey = new Map<string, Held>();
  /** For each running read the ids and keys of the contacts that were let go meanwhile: what was read may be old. */
  readonly #reads = new Set<Set<string>>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** The contact with the same e-mail address or phone number; null when there is none. It is not held. */
  find(details: ContactDetails): Promise<ContactRow | null> {
    return this.#lookUp(details, (row) => row);
  }

  /**
   * Finds the contact with the same e-mail address or phone number, else makes one with `newId`. A details-less
   * customer always gets a new profile. The contact is held; `release` lets it go.
   * Returns the row and the write that stores it when it is new.
   */
  identify(
    details: ContactDetails,
    made: { readonly newId: () => ContactId; readonly nowMs: number },
  ): Promise<{ readonly row: ContactRow; readonly writes: readonly TableWrite[] }> {
    return this.#lookUp(details, (known) => {
      if (known) return { row: this.#hold(known).row, writes: [] };
      const row = newContact(details, { id: made.newId(), nowMs: made.nowMs });
      return { row: this.#hold(row).row, writes: [{ table: 'contacts', row }] };
    });
  }

  /** Takes over the contact of a chat that was live when the server stopped. */
  async restore(contactId: ContactId): Promise<void> {
    await this.hold(contactId);
  }

  /** The contact as it is now, held until `release`; null when there is none. A merged one is what it became part of. */
  async hold(contactId: ContactId): Promise<ContactRow | null> {
    const take = (known: ContactRow | null): ContactRow | null => {
      const held = this.#held.get(contactId);
      const row = held ? whatIsThere(held) : this.#newest(known);
      return row && this.#hold(row, contactId).row;
    };
    return this.#held.has(contactId) ? take(null) : this.#read({ id: contactId }, take);
  }

  /** Holds a new contact until `release`, so that whoever comes with its details meanwhile finds it. */
  holdNew(row: ContactRow): void {
    this.#hold(row);
  }

  /** A held contact as it is now; null when it is being deleted or is not held. */
  held(contactId: ContactId): ContactRow | null {
    const held = this.#held.get(contactId);
    return held ? whatIsThere(held) : null;
  }

  /** How many hold the contact: its live chats, running requests and changes. */
  holdsOf(contactId: ContactId): number {
    return this.#held.get(contactId)?.holds ?? 0;
  }

  /** The store has taken this row of a held contact. */
  changed(row: ContactRow): void {
    const held = this.#held.get(row.id);
    if (!held) return;
    this.#forgetKeys(held, keysOf(held.row));
    held.row = row;
    for (const key of keysOf(row)) this.#byKey.set(key, held);
  }

  /** The store has taken the merge of one held contact into another, which has this row now. */
  merged(from: ContactId, row: ContactRow): void {
    const [source, target] = [this.#held.get(from), this.#held.get(row.id)];
    if (!source || !target || source === target) return;
    target.holds += source.holds;
    for (const id of source.ids) {
      target.ids.add(id);
      this.#held.set(id, target);
    }
    for (const key of keysOf(source.row)) this.#byKey.set(key, target);
    this.changed(row);
  }

  /** The store has taken the deletion of a held contact. */
  deleted(contactId: ContactId): void {
    const held = this.#held.get(contactId);
    if (!held) return;
    held.isGone = true;
    this.#forgetKeys(held, this.#byKey.keys());
  }

  /** Gives back one hold. */
  release(contactId: ContactId): void {
    const held = this.#held.get(contactId);
    if (!held || --held.holds > 0) return;
    for (const id of held.ids) this.#held.delete(id);
    // Only one that was merged has keys of others.
    this.#forgetKeys(held, held.ids.size > 1 ? this.#byKey.keys() : keysOf(held.row));
    for (const released of this.#reads)
      for (const name of [...held.ids, ...keysOf(held.row)]) released.add(name);
  }

  #forgetKeys(held: Held, keys: Iterable<string>): void {
    for (const key of keys) if (this.#byKey.get(key) === held) this.#byKey.delete(key);
  }

  /** The writes that follow from events: `LastAgentSaved` changes the profile, once the store `took` them. */
  writesFor(stored: readonly StoredEvent[]): readonly TableWrite[] {
    return stored.flatMap(({ event, atMs }) =>
      event.type === 'LastAgentSaved' ? this.#remember(event, atMs) : [],
    );
  }

  /** The store has taken these writes of `writesFor`. */
  took(writes: readonly TableWrite[]): void {
    for (const write of writes) {
      if (write.table !== 'contacts' || !('row' in write)) continue;
      this.changed(write.row);
    }
  }

  #remember(event: Extract<ChatEvent, { type: 'LastAgentSaved' }>, atMs: number): readonly TableWrite[] {
    const held = this.#held.get(event.contactId);
    if (!held) return [];
    return [{ table: 'contacts', row: withLastAgent(held.row, event.agentId, atMs) }];
  }

  /** The agent the profile remembers. */
  lastAgentOf(contactId: ContactId): AgentId | null {
    return this.#held.get(contactId)?.row.lastAgentId ?? null;
  }

  #inMemory(details: ContactDetails): ContactRow | null {
    for (const key of keysOf(details)) {
      const held = this.#byKey.get(key);
      if (held) return held.row;
    }
    return null;
  }

  /** `use` is given the contact as it is at that very moment. */
  async #lookUp<Result>(details: ContactDetails, use: (row: ContactRow | null) => Result): Promise<Result> {
    const { emailAddress, phoneNumber } = details;
    const known = this.#inMemory(details);
    if (known || (!emailAddress && !phoneNumber)) return use(known);
    const key = { ...(emailAddress ? { emailAddress } : {}), ...(phoneNumber ? { phoneNumber } : {}) };
    // Somebody may have made, changed or deleted the same contact while the journal was asked.
    return this.#read(key, (row) => use(this.#inMemory(details) ?? this.#newest(row)));
  }

  /** What was read, or what is held of it by now. */
  #newest(row: ContactRow | null): ContactRow | null {
    const held = row && this.#held.get(row.id);
    return held ? whatIsThere(held) : row;
  }

  /**
   * Reads until nobody has let go of the contact while it was read: then it is not older than what they wrote, and one
   * that was not found was not made meanwhile.
   */
  async #read<Result>(key: ContactKey, use: (row: ContactRow | null) => Result): Promise<Result> {
    for (;;) {
      const released = new Set<string>();
      this.#reads.add(released);
      try {
        const row = await this.#journal.findContact(key);
        const names = [...keysOf(key), ...(row ? [row.id] : [])];
        if (!names.some((name) => released.has(name))) return use(row);
      } finally {
        this.#reads.delete(released);
      }
    }
  }

  #hold(row: ContactRow, as: ContactId = row.id): Held {
    const known = this.#held.get(row.id);
    const held = known ?? { row, holds: 0, ids: new Set([row.id]), isGone: false };
    held.holds += 1;
    held.ids.add(as);
    for (const id of [row.id, as]) this.#held.set(id, held);
    if (!known) for (const key of keysOf(row)) this.#byKey.set(key, held);
    return held;
  }
}
