import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import { newContactId, type ContactId } from '../domain/ids.ts';
import type { ContactPage, ContactRow, ContactSearch, TableWrite } from '../journal/journal.ts';
import { newContact, type ContactDetails } from './contact-book.ts';
import type { Operations } from './operations.ts';
import { take } from './take.ts';

/** Hears of a profile as it is about to be written: whoever foretells an answer of it (docs/adr/0010). */
type Foretelling = (row: ContactRow) => unknown;

/** Makes a profile. Others with the same details may exist: merging is the agents' decision. */
export async function createContact(
  operations: Operations,
  details: ContactDetails,
  onDecided: Foretelling,
): Promise<ContactRow | Refusal> {
  const { clock, random, contacts, mask } = operations;
  const row = newContact(mask.profile(details, 'agent'), { id: newContactId(random), nowMs: clock.now() });
  contacts.holdNew(row);
  onDecided(row);
  const refused = await durable(operations, [{ table: 'contacts', row }]);
  contacts.release(row.id);
  return refused ?? row;
}

/** The profile; of a merged contact that of the one it became a part of. NotFound when there is none. */
export async function readContact(
  { contacts, journal }: Operations,
  contactId: ContactId,
): Promise<ContactRow | Refusal> {
  const held = contacts.held(contactId);
  const row = held ?? (await journal.findContact({ id: contactId }));
  return row ?? unknown();
}

/** What a search for contacts asks for and brings; see the journal's. */
export type ContactsSearch = ContactSearch;
export type ContactProfile = ContactRow;

/** A page of the profiles that match. */
export function searchContacts({ journal }: Operations, search: ContactsSearch): Promise<ContactPage> {
  return journal.searchContacts(search);
}

/** Sets what is given; an empty text clears. Resolves with the profile once it is durable. */
export function updateContact(
  operations: Operations,
  { contactId, changes }: { readonly contactId: ContactId; readonly changes: ContactDetails },
  onDecided: Foretelling,
): Promise<ContactRow | Refusal> {
  return whileHeld(operations, [contactId], async ([row]) => {
    const changed = withChanges(row, operations.mask.profile(changes, 'agent'));
    onDecided(changed);
    const refused = await durable(operations, [{ table: 'contacts', row: changed }], () =>
      operations.contacts.changed(changed),
    );
    return refused ?? changed;
  });
}

/**
 * Makes `fromId` a part of `intoId`: all its chats, live ones too, belong to the other, and so does whoever comes with
 * its e-mail or phone. The other keeps its own details and takes those that it does not have; of two last agents the
 * later one stays. Refuses NotFound, and InvalidParameter when both are one contact. There is no way back.
 */
export function mergeContacts(
  operations: Operations,
  { fromId, intoId }: { readonly fromId: ContactId; readonly intoId: ContactId },
  onDecided: Foretelling,
): Promise<ContactRow | Refusal> {
  return whileHeld(operations, [intoId, fromId], async ([into, from]) => {
    if (!from || into.id === from.id)
      return refuse('InvalidParameter', 'A contact cannot be merged with itself.');
    const row = filledUp(into, from);
    onDecided(row);
    const writes: TableWrite[] = [
      { table: 'contacts', row },
      { table: 'contacts', merge: from.id, into: into.id },
    ];
    const refused = await durable(operations, writes, () => operations.contacts.merged(from.id, row));
    return refused ?? row;
  });
}

/**
 * Deletes the profile and all that were merged into it: nobody is recognised by their details any more. Their chats
 * stay in the history. Refuses InUse while one of their chats is live or the profile is being changed.
 */
export async function deleteContact(operations: Operations, contactId: ContactId): Promise<Refusal | null> {
  const { contacts } = operations;
  const outcome = await whileHeld(operations, [contactId], async ([row]) => {
    if (contacts.holdsOf(row.id) > 1)
      return refuse('InUse', 'A chat of this contact is live, or the contact is being changed.');
    const refused = await durable(operations, [{ table: 'contacts', delete: row.id }], () =>
      contacts.deleted(row.id),
    );
    return refused ?? row;
  });
  return isRefusal(outcome) ? outcome : null;
}

/**
 * Deletes the profile and all that were merged into it, in the one append that `record` makes of the writes. Refuses
 * NotFound, and InUse while one of their chats is live or the profile is being changed.
 */
export async function eraseContact(
  operations: Operations,
  contactId: ContactId,
  record: (writes: readonly TableWrite[]) => Promise<void>,
): Promise<Refusal | null> {
  const { contacts } = operations;
  const outcome = await whileHeld(operations, [contactId], async ([row]) => {
    if (contacts.holdsOf(row.id) > 1) return refuse('InUse', 'A chat of this person goes on: end it first.');
    const recorded = record([{ table: 'contacts', delete: row.id }]);
    contacts.deleted(row.id);
    await recorded;
    return row;
  });
  return isRefusal(outcome) ? outcome : null;
}

/** Finds a contact by e-mail or phone, or makes one when `create` allows it; NotFound otherwise. */
export async function identifyContact(
  operations: Operations,
  details: ContactDetails,
  create: boolean,
): Promise<ContactId | Refusal> {
  const { clock, random, contacts } = operations;
  if (!create) return (await contacts.find(details))?.id ?? unknown();
  const newId = () => newContactId(random);
  const { row, writes } = await contacts.identify(operations.mask.profile(details, 'agent'), {
    newId,
    nowMs: clock.now(),
  });
  const refused = writes.length > 0 ? await durable(operations, writes) : null;
  contacts.release(row.id);
  return refused ?? row.id;
}

function unknown(): Refusal {
  return refuse('NotFound', 'There is no such contact.');
}

/** Holds the contacts, so that what is decided on them now is still so when it is written. */
async function whileHeld(
  { contacts }: Operations,
  ids: readonly [ContactId, ...ContactId[]],
  act: (rows: readonly [ContactRow, ...ContactRow[]]) => Promise<ContactRow | Refusal>,
): Promise<ContactRow | Refusal> {
  const held: ContactId[] = [];
  try {
    for (const id of ids) {
      if (!(await contacts.hold(id))) return unknown();
      held.push(id);
    }
    // Read once all are held: while one was waited for, another may have changed.
    const [first, ...rest] = held.flatMap((id) => contacts.held(id) ?? []);
    return first && 1 + rest.length === ids.length ? await act([first, ...rest]) : unknown();
  } finally {
    for (const id of held) contacts.release(id);
  }
}

/** Resolves when the writes are durable; `onTaken` runs when the store has taken them, before anybody else reads. */
function durable(
  { journal }: Operations,
  writes: readonly TableWrite[],
  onTaken?: () => void,
): Promise<Refusal | null> {
  return new Promise((resolve, reject) => {
    try {
      const refused = take(journal, { events: [], writes }, () => resolve(null));
      if (refused) resolve(refused);
      else onTaken?.();
    } catch (error) {
      reject(error as Error);
    }
  });
}

function withChanges(row: ContactRow, changes: ContactDetails): ContactRow {
  const value = (given: string | undefined, now: string | null): string | null =>
    given === undefined ? now : given || null;
  return {
    ...row,
    firstName: value(changes.firstName, row.firstName),
    lastName: value(changes.lastName, row.lastName),
    emailAddress: value(changes.emailAddress, row.emailAddress),
    phoneNumber: value(changes.phoneNumber, row.phoneNumber),
  };
}

function filledUp(into: ContactRow, from: ContactRow): ContactRow {
  const { lastAgentId, lastAgentAtMs } =
    (from.lastAgentAtMs ?? -1) > (into.lastAgentAtMs ?? -1) ? from : into;
  return {
    ...into,
    firstName: into.firstName ?? from.firstName,
    lastName: into.lastName ?? from.lastName,
    emailAddress: into.emailAddress ?? from.emailAddress,
    phoneNumber: into.phoneNumber ?? from.phoneNumber,
    createdAtMs: Math.min(into.createdAtMs, from.createdAtMs),
    lastAgentId,
    lastAgentAtMs,
  };
}
