import type { EventEmitter } from 'node:events';
import type { ChatId } from '../../domain/ids.ts';
import type { Batch } from '../group-commit.ts';
import type {
  AgentRow,
  AuditPage,
  AuditRow,
  ChatRow,
  ChatSearch,
  ContactKey,
  ContactPage,
  ContactRow,
  ContactSearch,
  DispatchHead,
  DispatchPage,
  DispatchRow,
  ExpiredChats,
  LoginSessionRow,
  ProfileRow,
  ProvisionedRow,
  RequestKeyRow,
  UnusedContacts,
  UnusedContactsPage,
} from '../journal.ts';
import type { Faults } from './database.ts';
import type { SqliteLimits } from './limits.ts';

/** A thread of the store, as far as the server's own thread sees it. A simulation stands in for it. */
export interface StoreThread extends Pick<EventEmitter, 'on' | 'once'> {
  /** -1 when it has ended. */
  readonly threadId: number;
  postMessage(message: unknown): void;
}

/** What the writer thread is started with. */
export interface WriterOptions {
  readonly path: string;
  readonly limits: SqliteLimits;
  readonly faults: Faults;
}

export type ToWriter = { readonly type: 'commit'; readonly batch: Batch } | { readonly type: 'close' };

/**
 * `refused` instead of `opened`, `failed` instead of `committed`; after either nothing more comes. `full` instead of
 * `committed`: nothing of it is there, and the same commit comes next.
 */
export type FromWriter =
  | { readonly type: 'opened' }
  | { readonly type: 'refused'; readonly sentence: string }
  | { readonly type: 'committed' }
  | { readonly type: 'full'; readonly sentence: string }
  | { readonly type: 'failed'; readonly sentence: string }
  | { readonly type: 'closed' };

/** What the reader thread is started with. */
export interface ReaderOptions {
  readonly path: string;
}

export type Query =
  | { readonly type: 'recover' }
  | { readonly type: 'chatEvents'; readonly chatId: ChatId }
  | { readonly type: 'findContact'; readonly key: ContactKey }
  | { readonly type: 'searchChats'; readonly search: ChatSearch }
  | { readonly type: 'searchContacts'; readonly search: ContactSearch }
  | { readonly type: 'auditRows'; readonly page: AuditPage }
  | { readonly type: 'responseUsage'; readonly responseId: string }
  | { readonly type: 'expiredChats'; readonly search: ExpiredChats }
  | { readonly type: 'profilesOf'; readonly key: ContactKey }
  | { readonly type: 'unusedContacts'; readonly page: UnusedContactsPage }
  | { readonly type: 'dispatch'; readonly id: string }
  | { readonly type: 'dispatches'; readonly page: DispatchPage };

/**
 * The log of the live chats as it lies on disk, JSON arrays of events each: first `segments`, then `journal`, in order.
 * It is parsed where it is used, for a string crosses threads faster than what is in it.
 */
export interface RecoveredText {
  readonly segments: readonly string[];
  readonly journal: readonly string[];
  /** Chats whose events in `journal` are archived. */
  readonly closed: readonly ChatId[];
  readonly agents: readonly AgentRow[];
  readonly loginSessions: readonly LoginSessionRow[];
  readonly provisioned: readonly ProvisionedRow[];
  readonly lastAudit: AuditRow | null;
  readonly outbox: readonly DispatchHead[];
  readonly requestKeys: readonly RequestKeyRow[];
}

/** The answer to each query. `chatEvents` answers with JSON arrays of events, in order. */
export interface Answers {
  readonly recover: RecoveredText;
  readonly chatEvents: readonly string[];
  readonly findContact: ContactRow | null;
  readonly searchChats: readonly ChatRow[];
  readonly searchContacts: ContactPage;
  readonly auditRows: readonly AuditRow[];
  readonly responseUsage: Readonly<Record<string, number>>;
  readonly expiredChats: readonly ChatId[];
  readonly profilesOf: readonly ProfileRow[];
  readonly unusedContacts: UnusedContacts;
  readonly dispatch: DispatchRow | null;
  readonly dispatches: readonly DispatchRow[];
}

export type ToReader = { readonly id: number; readonly query: Query } | { readonly close: true };

export type FromReader =
  | { readonly opened: true }
  | { readonly id: number; readonly answer: Answers[Query['type']] }
  | { readonly id: number; readonly failure: string }
  /** A sentence for the operator: what the answer is made of is not what was written. */
  | { readonly id: number; readonly damage: string };
