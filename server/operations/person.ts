import { hash } from 'node:crypto';
import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { ChatId, ContactId } from '../domain/ids.ts';
import type { AuditRow, ChatRow, ContactKey, ProfileRow, TableWrite } from '../journal/journal.ts';
import { eraseContact } from './contacts.ts';
import { forgetChats } from './forget-chats.ts';
import type { Operations } from './operations.ts';
import type { ConfiguredAgent } from './people.ts';

const chatsAtOnce = 50;
const auditPage = 1_000;

/** How many chats of a person a page of an export has at most, and where it goes on. */
export interface PersonPage {
  readonly limit: number;
  /** As the page before has said. */
  readonly after?: string | undefined;
}

/** A page of what is kept of a person; profiles and audit are on the first. */
export interface PersonRecord {
  readonly profiles: readonly ProfileRow[];
  readonly chats: readonly ChatRow[];
  readonly audit: readonly AuditRow[];
  readonly next: string | null;
}

/** What was erased. */
export interface ErasedPerson {
  readonly contacts: number;
  readonly chats: number;
}

function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}

/** How the audit names a person: whoever knows the random id of the contact finds it, and nobody else learns anything. */
function auditedPerson(contactId: ContactId): string {
  return sha256(contactId);
}

/** The contacts that stand for the person, by which chats are found. */
function contactIdsOf(profiles: readonly ProfileRow[], { id }: ContactKey): readonly ContactId[] {
  const whole = profiles.flatMap((row) => (row.mergedInto === null ? [row.id] : []));
  // A profile that was deleted has left its chats.
  return whole.length === 0 && id !== undefined ? [id] : whole;
}

/** A page of everything that is kept of the person; NotFound when there is nothing. */
export async function readPerson(
  operations: Operations,
  key: ContactKey,
  { limit, after }: PersonPage,
): Promise<PersonRecord | Refusal> {
  const { journal } = operations;
  const profiles = await journal.profilesOf(key);
  const contactIds = contactIdsOf(profiles, key);
  const [startAt, chatId] = after === undefined ? [0, undefined] : placeOf(after);
  const chats: ChatRow[] = [];
  let next: string | null = null;
  for (const [position, contactId] of contactIds.entries()) {
    if (position < startAt || next !== null) continue;
    const from = position === startAt && chatId !== undefined ? { after: chatId } : {};
    const wanted = limit - chats.length;
    const rows = await journal.searchChats({ contactId, ...from, order: 'Oldest', limit: wanted + 1 });
    chats.push(...rows.slice(0, wanted));
    if (rows.length > wanted) next = `${position}:${chats.at(-1)?.id ?? ''}`;
  }
  if (profiles.length === 0 && chats.length === 0)
    return refuse('NotFound', 'Nothing is kept of such a person.');
  if (after !== undefined) return { profiles: [], chats, audit: [], next };
  return { profiles, chats, audit: await auditOf(operations, contactIds), next };
}

function placeOf(after: string): readonly [position: number, chatId: ChatId | undefined] {
  const [position = '', chatId = ''] = after.split(':');
  return [Math.max(0, Number.parseInt(position, 10) || 0), chatId === '' ? undefined : (chatId as ChatId)];
}

async function auditOf(
  { audit }: Operations,
  contactIds: readonly ContactId[],
): Promise<readonly AuditRow[]> {
  const wanted = new Set(contactIds.map(auditedPerson));
  const found: AuditRow[] = [];
  for (let after = 0; ;) {
    const rows = await audit.rows(after, auditPage);
    found.push(...rows.filter(({ kind, resourceId }) => kind === 'person' && wanted.has(resourceId)));
    after = rows.at(-1)?.number ?? after;
    if (rows.length < auditPage) return found;
  }
}

interface Proof {
  readonly by: ConfiguredAgent;
  readonly action: 'Export' | 'Erase';
  readonly contactId: ContactId | undefined;
  readonly after: object;
}

/** A row of the audit that says who did it, when and how much of it, and nothing of the person. */
function prove(
  { audit, clock }: Operations,
  { by, action, contactId, after }: Proof,
  writes: readonly TableWrite[] = [],
): Promise<void> {
  const resourceId = contactId === undefined ? '' : auditedPerson(contactId);
  const { agentId, userName } = by;
  const change = { agentId, userName, action, kind: 'person', resourceId, before: null, after } as const;
  return audit.record(change, clock.now(), writes);
}

/** Writes down that a page was handed out. `text` is what was handed out; its SHA-256 is kept. */
export async function proveExport(
  operations: Operations,
  by: ConfiguredAgent,
  { record, key, text }: { readonly record: PersonRecord; readonly key: ContactKey; readonly text: string },
): Promise<void> {
  const [contactId] = contactIdsOf(record.profiles, key);
  const about = contactId ?? record.chats[0]?.contactId;
  const after = { contacts: record.profiles.length, chats: record.chats.length, sha256: sha256(text) };
  await prove(operations, { by, action: 'Export', contactId: about, after });
}

/**
 * Erases everything that is kept of the person: chats with their files, their words in the search, what receivers outside
 * were to be told, stored answers to requests, the profiles and those merged into them. The proof in the audit becomes durable with the end of the
 * profile. Refuses InUse while a chat of theirs goes on; nothing was erased then. Erasing twice is as erasing once.
 */
export async function erasePerson(
  operations: Operations,
  by: ConfiguredAgent,
  key: ContactKey,
): Promise<ErasedPerson | Refusal> {
  const { journal } = operations;
  const profiles = await journal.profilesOf(key);
  const contactIds = contactIdsOf(profiles, key);
  for (const contactId of contactIds) {
    const states = ['Waiting', 'Offered', 'Chatting', 'Ended'] as const;
    const live = await journal.searchChats({ contactId, states, limit: 1 });
    if (live.length > 0) return refuse('InUse', 'A chat of this person goes on: end it first.');
  }
  let chats = 0;
  for (const contactId of contactIds) {
    const erased = await eraseChatsOf(operations, contactId);
    const contacts = profiles.filter(({ id, mergedInto }) => id === contactId || mergedInto === contactId);
    const after = { contacts: contacts.length, chats: erased.length, sha256: sha256(erased.join('\n')) };
    const proof = { by, action: 'Erase', contactId, after } as const;
    const answers = operations.requestKeys.forgetAbout([contactId, ...contacts.map(({ id }) => id)]);
    const record = (writes: readonly TableWrite[]): Promise<void> =>
      prove(operations, proof, [...writes, ...answers]);
    const gone = contacts.length === 0 ? await record([]) : await eraseContact(operations, contactId, record);
    if (gone && isRefusal(gone)) return gone;
    chats += erased.length;
  }
  if (contactIds.length === 0)
    await prove(operations, { by, action: 'Erase', contactId: undefined, after: { contacts: 0, chats: 0 } });
  return { contacts: profiles.length, chats };
}

async function eraseChatsOf(operations: Operations, contactId: ContactId): Promise<readonly ChatId[]> {
  const erased: ChatId[] = [];
  for (;;) {
    const rows = await operations.journal.searchChats({
      contactId,
      states: ['Closed'],
      order: 'Oldest',
      limit: chatsAtOnce,
    });
    if (rows.length === 0) return erased;
    const ids = rows.map(({ id }) => id);
    await forgetChats(operations, ids, 'delete');
    erased.push(...ids);
  }
}
