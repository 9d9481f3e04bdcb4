import type { StoredEvent } from '../domain/chat-event.ts';
import type { JournalMeter } from './journal-meter.ts';
import type { AgentId, ChatId, ContactId } from '../domain/ids.ts';

/** A contact's profile: made or found from the customer's details, remembers who served them last (gws-agent-api §7.1). */
export interface ContactRow {
  readonly id: ContactId;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly emailAddress: string | null;
  readonly phoneNumber: string | null;
  readonly createdAtMs: number;
  readonly lastAgentId: AgentId | null;
  readonly lastAgentAtMs: number | null;
}

/** What lists and searches need of a chat; changes when its life does, not with each message. */
export interface ChatRow {
  readonly id: ChatId;
  readonly service: string;
  readonly queue: string;
  readonly contactId: ContactId;
  readonly customerName: string;
  readonly subject: string | null;
  readonly state: 'Waiting' | 'Offered' | 'Chatting' | 'Ended' | 'Closed';
  readonly requestedAtMs: number;
  readonly endedAtMs: number | null;
  /** The agents who ever joined, but for silent supervisors; in order, those who handled the chat last. */
  readonly agentIds: readonly AgentId[];
  readonly disposition: string | null;
  readonly lastSeq: number;
}

/** An agent's readiness, kept so that a restart finds everybody where they were. `state` is the domain's JSON. */
export interface AgentRow {
  readonly agentId: AgentId;
  readonly state: unknown;
}

/** A login session; only the SHA-256 of its cookie is stored. */
export interface LoginSessionRow {
  readonly digest: string;
  readonly agentId: AgentId;
  readonly csrfToken: string;
  readonly createdAtMs: number;
  readonly lastSeenAtMs: number;
}

/** One change of the set-up over the API, on top of the configuration file; `value` null: deleted. */
export interface ProvisionedRow {
  readonly kind: string;
  readonly id: string;
  readonly value: unknown;
}

/**
 * Who changed what. `hash` is the SHA-256 of everything else in the row, `previousHash` that of the row before: a row
 * that was changed, taken out or put in breaks the chain.
 */
export interface AuditRow {
  /** Dense, from 1. */
  readonly number: number;
  readonly atMs: number;
  readonly agentId: AgentId;
  readonly userName: string;
  readonly action: 'Create' | 'Update' | 'Delete' | 'Export' | 'Erase';
  readonly kind: string;
  readonly resourceId: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly previousHash: string;
  readonly hash: string;
}

/** A standard response was sent, or a suggested one was passed over (gws-agent-api §8.2). */
export interface ResponseUsageRow {
  readonly responseId: string;
  readonly responseType: string;
  readonly interactionId: string | null;
  readonly agentId: AgentId;
  readonly atMs: number;
}

/** How far something that a receiver outside is to be told has come. */
export interface DispatchProgress {
  /** When it entered the outbox, or an administrator sent it again: its age counts from here. */
  readonly queuedAtMs: number;
  /** When it is tried, or tried again. */
  readonly dueAtMs: number;
  /** Attempts that failed. */
  readonly attempts: number;
  /** When it was given up and became a dead letter; null while it waits. */
  readonly deadAtMs: number | null;
  /** Why the last attempt failed. */
  readonly lastFailure: string | null;
}

/** Something that a receiver outside is to be told and has not confirmed, as it is known without its body. */
export interface DispatchHead extends Omit<DispatchProgress, 'lastFailure'> {
  readonly id: string;
  /** The name of the receiver. */
  readonly receiver: string;
  readonly chatId: ChatId;
}

/** The same as it is stored. `kind` is the type of what it tells, `body` the JSON text that is posted. */
export interface DispatchRow extends DispatchHead, DispatchProgress {
  readonly kind: string;
  readonly body: string;
}

/** What a request with an idempotency key has done: from it the same request is answered again. */
export interface RequestOutcome {
  /** The chat in whose log it stands, from the one event to the other; as the chat was then it is answered of. */
  readonly chat?: { readonly id: ChatId; readonly fromSeq: number; readonly toSeq: number };
  /** From which, with the key itself, the secret of the chat that was opened is derived again. */
  readonly salt?: string;
  /** The answer, where it does not follow from the above. */
  readonly answer?: unknown;
  /** It was refused after all, so the key is as if it had not been used. */
  readonly isVoid?: true;
}

/** A request with an idempotency key that was carried out. Of several with the same digest the last counts. */
export interface RequestKeyRow {
  /** Each greater than all before. */
  readonly number: number;
  /** Of who asked, of what, and the key. */
  readonly digest: string;
  /** The digest of the whole request: another one under the same key is refused. */
  readonly fingerprint: string;
  readonly outcome: RequestOutcome;
  readonly atMs: number;
}

/** A change to a derived table, carried by the same transaction as the events it is derived from. */
export type TableWrite =
  | { readonly table: 'contacts'; readonly row: ContactRow }
  /** The profile goes, with all that were merged into it; its chats stay. */
  | { readonly table: 'contacts'; readonly delete: ContactId }
  /** `merge` is a part of `into` from now on: its chats are, and its id, e-mail and phone find the other. */
  | { readonly table: 'contacts'; readonly merge: ContactId; readonly into: ContactId }
  | { readonly table: 'chats'; readonly row: ChatRow }
  /** The closed chat goes with all that was kept of it. One that is not there, or not closed, changes nothing. */
  | { readonly table: 'chats'; readonly delete: ChatId }
  /**
   * Of the closed chat only its row is left, without contact (an empty `contactId`), name and subject. One that is not
   * there, or not closed, changes nothing.
   */
  | { readonly table: 'chats'; readonly anonymise: ChatId }
  | { readonly table: 'agents'; readonly row: AgentRow }
  | { readonly table: 'login_sessions'; readonly row: LoginSessionRow }
  | { readonly table: 'login_sessions'; readonly delete: string }
  | { readonly table: 'provisioned'; readonly row: ProvisionedRow }
  | { readonly table: 'audit'; readonly row: AuditRow }
  | { readonly table: 'response_usage'; readonly row: ResponseUsageRow }
  /** A row whose id is there already changes nothing. */
  | { readonly table: 'outbox'; readonly row: DispatchRow }
  | { readonly table: 'outbox'; readonly update: string; readonly progress: DispatchProgress }
  | { readonly table: 'outbox'; readonly delete: string }
  /** Everything that receivers outside have not been told of a chat goes: part of erasing a person. */
  | { readonly table: 'outbox'; readonly deleteChat: ChatId }
  | { readonly table: 'request_keys'; readonly row: RequestKeyRow }
  /** The rows up to this number go. */
  | { readonly table: 'request_keys'; readonly forgetUpTo: number }
  /** The row of this number goes: part of erasing a person. */
  | { readonly table: 'request_keys'; readonly forget: number }
  /**
   * The chat is closed: its log leaves the hot journal for the archive and becomes searchable. `isMasked`: words of the
   * live log are masked in it, so the live log must leave the store's files too (see `Journal`).
   */
  | {
      readonly table: 'archive';
      readonly chatId: ChatId;
      readonly events: readonly StoredEvent[];
      readonly isMasked?: true;
    };

/** One operation's worth of change: all of it becomes durable together, or none. */
export interface JournalEntry {
  readonly events: readonly StoredEvent[];
  readonly writes: readonly TableWrite[];
}

/** What the server finds at start: the logs of the chats that are not closed, and who was signed in. */
export interface Recovered {
  readonly liveChats: ReadonlyMap<ChatId, readonly StoredEvent[]>;
  readonly agents: readonly AgentRow[];
  readonly loginSessions: readonly LoginSessionRow[];
  readonly provisioned: readonly ProvisionedRow[];
  /** The newest row of the audit; null when there is none. */
  readonly lastAudit: AuditRow | null;
  /** What receivers outside have not confirmed, dead letters too, oldest first. */
  readonly outbox: readonly DispatchHead[];
  /** Which requests with an idempotency key were carried out, in the order of their numbers. */
  readonly requestKeys: readonly RequestKeyRow[];
}

/**
 * What identifies a contact; the first of id, e-mail, phone that matches wins. E-mail compares without case, phone as
 * written. Of several contacts with the same e-mail or phone the first stored wins. One that was merged stands for the
 * contact that it was merged into.
 */
export interface ContactKey {
  readonly id?: ContactId;
  readonly emailAddress?: string;
  readonly phoneNumber?: string;
}

/** All that is given must hold. */
export interface ChatSearch {
  readonly contactId?: ContactId;
  readonly agentId?: AgentId;
  /** Words that must all occur in the chat's messages. Finds closed chats only, for those are indexed. */
  readonly text?: string;
  /** Whether `text` is also looked for in what only supervisors were to read. */
  readonly seesSupervisors?: boolean;
  readonly queue?: string;
  readonly service?: string;
  readonly disposition?: string;
  readonly states?: readonly ChatRow['state'][];
  /**
   * Requested at this time or after it. A log whose clock was set back over the length of more than 10,000 chats may
   * hide some of these from `fromMs` and `toMs`.
   */
  readonly fromMs?: number;
  /** Requested before this time. */
  readonly toMs?: number;
  /** By the time of request; without it the newest come first. */
  readonly order?: 'Newest' | 'Oldest';
  /** Goes on after this chat: pages that follow each other so neither repeat nor skip a chat while new ones come. */
  readonly after?: ChatId;
  /** How many to pass over; more than 10,000 counts as 10,000. */
  readonly offset?: number;
  /** Whole, from 1; more than 1,000 counts as 1,000. */
  readonly limit: number;
}

/**
 * All that is given must hold; a text without a word in it finds nothing. Words are compared without case and accents,
 * and each may be a beginning. Of more than 2,000 matches the newest 2,000 are looked at.
 */
export interface ContactSearch {
  /** Words of the first and last name. */
  readonly name?: string;
  /** The address, or a piece of it from the beginning of one of its words. */
  readonly emailAddress?: string;
  /** Its digits, from the first on. */
  readonly phoneNumber?: string;
  /** Words of any of these. */
  readonly text?: string;
  readonly sortBy: 'name' | 'emailAddress' | 'createdAt';
  readonly descending?: boolean;
  /** How many to pass over; more than 10,000 counts as 10,000. */
  readonly offset?: number;
  /** Whole, from 1; more than 1,000 counts as 1,000. */
  readonly limit: number;
}

/** `totalCount` counts up to 10,000, of matches up to 2,000; these numbers stand for more as well. */
export interface ContactPage {
  readonly contacts: readonly ContactRow[];
  readonly totalCount: number;
}

/** A page of what one receiver has not confirmed, oldest first. */
export interface DispatchPage {
  readonly receiver: string;
  readonly state: 'Waiting' | 'Dead';
  /** How many to pass over; more than 100,000 counts as 100,000. */
  readonly offset?: number;
  /** Whole, from 1; more than 1,000 counts as 1,000. */
  readonly limit: number;
}

/** A profile, or one that was merged into another and keeps its details. */
export interface ProfileRow extends ContactRow {
  readonly mergedInto: ContactId | null;
}

/** The closed chats of a service that ended before a time and of which more than a row without a person is left. */
export interface ExpiredChats {
  readonly service: string;
  readonly endedBeforeMs: number;
  /** Whole, from 1; more than 1,000 counts as 1,000. */
  readonly limit: number;
}

/** Where a look for profiles without chats goes on. */
export interface UnusedContactsPage {
  readonly createdBeforeMs: number;
  /** What the page before has answered as `next`; 0 for the first. */
  readonly after: number;
}

export interface UnusedContacts {
  readonly contactIds: readonly ContactId[];
  /** Null: there is nothing behind this page. */
  readonly next: number | null;
}

export interface AuditPage {
  readonly after: number;
  readonly limit: number;
}

/**
 * The log and the tables derived from it: the seam between the server and its store.
 *
 * - `append` is called with entries whose events follow each chat's stored ones. `onDurable` runs once the entry is on
 *   stable storage, in the order of the calls, synchronously one after the other. Entries that arrive while a commit
 *   runs share the next one (group commit, no timer).
 * - `append` throws a `JournalError`, and nothing is changed, when too much waits for the disk (`overloaded`), while there is
 *   no room on it (`full`), after `close` (`closed`) and after a failure (`failed`).
 * - A chat that was archived gets no more events.
 * - A commit that fails is never retried (a failed fsync may have dropped the pages): `onFatal`, given at opening, is
 *   called once, later `append` calls throw, and no further `onDurable` runs.
 * - But one that found no room on the disk has changed nothing, and is tried again until there is room: `onFull`, given at
 *   opening, is called when that begins and when it ends. What was taken before keeps its order; reads go on.
 * - Reads see only durable events.
 * - What is deleted, anonymised or masked at its archiving leaves the store's own files as well, within the bound that the
 *   store names.
 */
export interface Journal {
  /** What waits for the disk, and how commits went. */
  readonly meter: JournalMeter;
  append(entry: JournalEntry, onDurable: () => void): void;
  recover(): Promise<Recovered>;
  /** The log of one chat, live or archived, in order; empty when there is none. */
  chatEvents(chatId: ChatId): Promise<readonly StoredEvent[]>;
  findContact(key: ContactKey): Promise<ContactRow | null>;
  /** In the order asked for. A chat of a merged contact belongs to the one it was merged into. */
  searchChats(search: ChatSearch): Promise<readonly ChatRow[]>;
  /** Merged contacts are not among them, but their details find the one they were merged into. */
  searchContacts(search: ContactSearch): Promise<ContactPage>;
  /** Rows of the audit with a number above `after`, oldest first; `limit` whole, from 1, more than 1,000 counts as 1,000. */
  auditRows(page: AuditPage): Promise<readonly AuditRow[]>;
  /** How often a standard response was used, by the type of use. */
  responseUsage(responseId: string): Promise<Readonly<Record<string, number>>>;
  /** One row of the outbox; null when there is none. */
  dispatch(id: string): Promise<DispatchRow | null>;
  dispatches(page: DispatchPage): Promise<readonly DispatchRow[]>;
  /** The oldest first. */
  expiredChats(search: ExpiredChats): Promise<readonly ChatId[]>;
  /** Every profile that one of the details finds, with all that belong to the same person by a merge. */
  profilesOf(key: ContactKey): Promise<readonly ProfileRow[]>;
  /** Of up to 1,000 profiles those that were made before the time and have no chat, nor has one merged into them. */
  unusedContacts(page: UnusedContactsPage): Promise<UnusedContacts>;
  /** Commits what is waiting, then closes the store. */
  close(): Promise<void>;
}
