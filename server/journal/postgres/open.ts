import { randomUUID } from 'node:crypto';
import type { StoredEvent } from '../../domain/chat-event.ts';
import type { ChatId } from '../../domain/ids.ts';
import { GroupCommit, type RoomListener } from '../group-commit.ts';
import type {
  AuditPage,
  AuditRow,
  ChatRow,
  ChatSearch,
  ContactKey,
  ContactPage,
  ContactRow,
  ContactSearch,
  DispatchPage,
  DispatchRow,
  ExpiredChats,
  Journal,
  JournalEntry,
  ProfileRow,
  Recovered,
  UnusedContacts,
  UnusedContactsPage,
} from '../journal.ts';
import { JournalError } from '../journal-error.ts';
import type { JournalMeter } from '../journal-meter.ts';
import { searchChats } from './chat-search.ts';
import { findContact, searchContacts } from './contact-queries.ts';
import { expiredChats, profilesOf, unusedContacts } from './forgetting-queries.ts';
import { defaultPostgresLimits, type PostgresLimits } from './limits.ts';
import { dispatch, dispatches } from './outbox-queries.ts';
import { auditRows, responseUsage } from './provisioning-queries.ts';
import { chatEvents, recover } from './queries.ts';
import { Reads } from './reads.ts';
import { isFull, Writer } from './writer.ts';

export interface PostgresJournalOptions {
  /** `postgres://user:password@host:port/database`, with the options that libpq knows behind a `?`. */
  readonly url: string;
  /** Called once when the store has failed: the server should say so and stop. */
  readonly onFatal: (error: JournalError) => void;
  /** Called when a commit finds no room on the server's disk, and when there is room again. */
  readonly onFull?: RoomListener | undefined;
  readonly limits?: Partial<PostgresLimits>;
}

/**
 * Opens the store on PostgreSQL: one connection that writes, with the lock that keeps other servers away, and a few
 * that read. Throws `JournalError` with one sentence for the operator when the server cannot be reached or lets nobody
 * in, the database does not exist, is too old, belongs to another program, was written by a newer Parley or is in use.
 */
export async function openPostgresJournal(options: PostgresJournalOptions): Promise<Journal> {
  const limits = { ...defaultPostgresLimits, ...options.limits };
  const instance = randomUUID();
  const writer = await Writer.open({ url: options.url, instance, limits }, (sentence) =>
    commits.failed(sentence),
  );
  const commits: GroupCommit = new GroupCommit(
    (batch, entries) => {
      writer.commit(batch, entries).then(
        () => uncaught(() => commits.committed()),
        (error: unknown) => {
          const sentence = error instanceof Error ? error.message : String(error);
          if (isFull(error)) commits.full(sentence);
          else commits.failed(sentence);
        },
      );
    },
    { limits, onFatal: options.onFatal, onFull: options.onFull },
  );
  return new PostgresJournal(commits, writer, new Reads(options.url, limits));
}

/** What a callback of the server throws is its own error, and no refusal of a promise of the store. */
function uncaught(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

class PostgresJournal implements Journal {
  readonly #commits: GroupCommit;
  readonly #writer: Writer;
  readonly #reads: Reads;
  #closing: Promise<void> | null = null;

  constructor(commits: GroupCommit, writer: Writer, reads: Reads) {
    this.#commits = commits;
    this.#writer = writer;
    this.#reads = reads;
  }

  get meter(): JournalMeter {
    return this.#commits.meter;
  }

  append(entry: JournalEntry, onDurable: () => void): void {
    this.#commits.append(entry, onDurable);
  }

  recover(): Promise<Recovered> {
    return this.#reads.runOnOneState(recover);
  }

  chatEvents(chatId: ChatId): Promise<readonly StoredEvent[]> {
    return this.#reads.run((ask) => chatEvents(ask, chatId));
  }

  findContact(key: ContactKey): Promise<ContactRow | null> {
    return this.#reads.run((ask) => findContact(ask, key));
  }

  searchChats(search: ChatSearch): Promise<readonly ChatRow[]> {
    return this.#reads.run((ask) => searchChats(ask, search));
  }

  searchContacts(search: ContactSearch): Promise<ContactPage> {
    return this.#reads.run((ask) => searchContacts(ask, search));
  }

  auditRows(page: AuditPage): Promise<readonly AuditRow[]> {
    return this.#reads.run((ask) => auditRows(ask, page));
  }

  responseUsage(responseId: string): Promise<Readonly<Record<string, number>>> {
    return this.#reads.run((ask) => responseUsage(ask, responseId));
  }

  expiredChats(search: ExpiredChats): Promise<readonly ChatId[]> {
    return this.#reads.run((ask) => expiredChats(ask, search));
  }

  profilesOf(key: ContactKey): Promise<readonly ProfileRow[]> {
    return this.#reads.run((ask) => profilesOf(ask, key));
  }

  unusedContacts(page: UnusedContactsPage): Promise<UnusedContacts> {
    return this.#reads.run((ask) => unusedContacts(ask, page));
  }

  dispatch(id: string): Promise<DispatchRow | null> {
    return this.#reads.run((ask) => dispatch(ask, id));
  }

  dispatches(page: DispatchPage): Promise<readonly DispatchRow[]> {
    return this.#reads.run((ask) => dispatches(ask, page));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#commits.drain();
    await this.#reads.close();
    await this.#writer.close();
  }
}
