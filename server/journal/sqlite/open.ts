import { existsSync, mkdirSync } from 'node:fs';
import { getCompileCacheDir } from 'node:module';
import { dirname, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { StoredEvent } from '../../domain/chat-event.ts';
import type { ChatId } from '../../domain/ids.ts';
import { GroupCommit, type GroupCommitOptions, type RoomListener } from '../group-commit.ts';
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
import type { Faults } from './database.ts';
import { defaultSqliteLimits, type SqliteLimits } from './limits.ts';
import type {
  FromReader,
  FromWriter,
  ReaderOptions,
  RecoveredText,
  StoreThread,
  ToReader,
  ToWriter,
  WriterOptions,
} from './messages.ts';
import { QueryQueue } from './query-queue.ts';

export interface SqliteJournalOptions {
  /** The database file; its folder is made when missing. A `-wal`, a `-shm` and a `-lock` file lie beside it. */
  readonly path: string;
  /** Called once when a commit failed or the store's thread died: the server should say so and stop. */
  readonly onFatal: (error: JournalError) => void;
  /** Called when a commit finds no room on the disk, and when there is room again. */
  readonly onFull?: RoomListener | undefined;
  /** Called whenever a query finds something that is not what was written; the query is refused, and the rest goes on. */
  readonly onDamage?: (error: JournalError) => void;
  readonly limits?: Partial<SqliteLimits>;
  /** For tests only. */
  readonly faults?: Faults;
}

/**
 * Opens the embedded store: SQLite on two threads of its own, one that writes and one that reads.
 * Throws `JournalError` with one sentence for the operator when the file or its folder cannot be used, belongs to
 * another program, was written by a newer Parley, or is open in another process.
 */
export async function openSqliteJournal(options: SqliteJournalOptions): Promise<Journal> {
  const path = resolve(options.path);
  const limits = { ...defaultSqliteLimits, ...options.limits };
  makeFolder(dirname(path));
  const writer = startThread('writer.ts', {
    path,
    limits,
    faults: options.faults ?? {},
  } satisfies WriterOptions);
  const opened = await nextMessage<FromWriter>(writer, path);
  if (opened.type === 'refused') throw new JournalError('unusable', opened.sentence);
  const reader = startThread('reader.ts', { path } satisfies ReaderOptions);
  try {
    await nextMessage<FromReader>(reader, path);
  } catch (error) {
    await writer.terminate();
    throw error;
  }
  const { onFatal, onDamage, onFull } = options;
  return new SqliteJournal({ writer, reader, limits, onFatal, onFull, ...(onDamage && { onDamage }) });
}

/** Makes the folder and those above it. Not `recursive`: Node goes round for ever where a file system refuses new folders. */
function makeFolders(folder: string): void {
  if (existsSync(folder)) return;
  makeFolders(dirname(folder));
  mkdirSync(folder);
}

function makeFolder(folder: string): void {
  try {
    makeFolders(folder);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new JournalError(
      'unusable',
      `The data folder ${folder} cannot be made (${reason}); choose another.`,
    );
  }
}

function startThread(file: 'writer.ts' | 'reader.ts', workerData: WriterOptions | ReaderOptions): Worker {
  const env = threadEnvironment();
  return new Worker(new URL(`./${file}`, import.meta.url), { workerData, env, execArgv: [] });
}

/**
 * Threads keep their compiled code where the process does: without it each loads the compiler of TypeScript first. The
 * process's own setting does not reach them, and of its environment they need nothing else.
 */
function threadEnvironment(): Record<string, string> {
  // One of the folder's folders, by version of Node.
  const ofThisNode = getCompileCacheDir();
  return ofThisNode === undefined ? {} : { NODE_COMPILE_CACHE: dirname(ofThisNode) };
}

function nextMessage<Message>(worker: Worker, path: string): Promise<Message> {
  return new Promise((resolvePromise, reject) => {
    const fail = (error: unknown): void => {
      const reason = error instanceof Error ? error.message : 'its thread ended';
      reject(new JournalError('unusable', `${path} cannot be opened: ${reason}.`));
    };
    worker.once('error', fail);
    worker.once('exit', fail);
    worker.once('message', (message: Message) => {
      worker.off('error', fail);
      worker.off('exit', fail);
      resolvePromise(message);
    });
  });
}

interface Threads extends Pick<GroupCommitOptions, 'onFatal' | 'onFull' | 'later' | 'meter'> {
  readonly writer: StoreThread;
  readonly reader: StoreThread;
  readonly limits: SqliteLimits;
  readonly onDamage?: (error: JournalError) => void;
}

/** The journal on its two threads, which have opened the database. */
export class SqliteJournal implements Journal {
  readonly #writer: StoreThread;
  readonly #reader: StoreThread;
  readonly #commits: GroupCommit;
  readonly #queries: QueryQueue;
  #closing: Promise<void> | null = null;
  #drained = false;

  constructor({ writer, reader, limits, onDamage = () => {}, ...threads }: Threads) {
    this.#writer = writer;
    this.#reader = reader;
    this.#queries = new QueryQueue(reader, { maxWaiting: limits.maxWaitingReads, onDamage });
    this.#commits = new GroupCommit((batch) => this.#tellWriter({ type: 'commit', batch }), {
      limits,
      ...threads,
    });
    writer.on('message', (message: FromWriter) => {
      if (message.type === 'committed') this.#commits.committed();
      else if (message.type === 'full') this.#commits.full(message.sentence);
      else if (message.type === 'failed') this.#commits.failed(message.sentence);
    });
    this.#watch(writer, 'writes');
    this.#watch(reader, 'reads');
  }

  get meter(): JournalMeter {
    return this.#commits.meter;
  }

  append(entry: JournalEntry, onDurable: () => void): void {
    this.#commits.append(entry, onDurable);
  }

  async recover(): Promise<Recovered> {
    const text = await this.#queries.ask({ type: 'recover' });
    const { segments: _segments, journal: _journal, closed: _closed, ...tables } = text;
    return { liveChats: liveChats(text), ...tables };
  }

  async chatEvents(chatId: ChatId): Promise<readonly StoredEvent[]> {
    const parts = await this.#queries.ask({ type: 'chatEvents', chatId });
    return parts.flatMap(parseEvents);
  }

  findContact(key: ContactKey): Promise<ContactRow | null> {
    return this.#queries.ask({ type: 'findContact', key });
  }

  searchChats(search: ChatSearch): Promise<readonly ChatRow[]> {
    return this.#queries.ask({ type: 'searchChats', search });
  }

  searchContacts(search: ContactSearch): Promise<ContactPage> {
    return this.#queries.ask({ type: 'searchContacts', search });
  }

  auditRows(page: AuditPage): Promise<readonly AuditRow[]> {
    return this.#queries.ask({ type: 'auditRows', page });
  }

  responseUsage(responseId: string): Promise<Readonly<Record<string, number>>> {
    return this.#queries.ask({ type: 'responseUsage', responseId });
  }

  expiredChats(search: ExpiredChats): Promise<readonly ChatId[]> {
    return this.#queries.ask({ type: 'expiredChats', search });
  }

  profilesOf(key: ContactKey): Promise<readonly ProfileRow[]> {
    return this.#queries.ask({ type: 'profilesOf', key });
  }

  unusedContacts(page: UnusedContactsPage): Promise<UnusedContacts> {
    return this.#queries.ask({ type: 'unusedContacts', page });
  }

  dispatch(id: string): Promise<DispatchRow | null> {
    return this.#queries.ask({ type: 'dispatch', id });
  }

  dispatches(page: DispatchPage): Promise<readonly DispatchRow[]> {
    return this.#queries.ask({ type: 'dispatches', page });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#commits.drain();
    this.#drained = true;
    this.#queries.abandon(new JournalError('closed', 'The store is closed.'));
    // The reader first: the writer, being last, moves the write-ahead log into the database.
    const readerEnded = ended(this.#reader);
    this.#reader.postMessage({ close: true } satisfies ToReader);
    await readerEnded;
    const writerEnded = ended(this.#writer);
    this.#tellWriter({ type: 'close' });
    await writerEnded;
  }

  #tellWriter(message: ToWriter): void {
    this.#writer.postMessage(message);
  }

  /** A thread that ends without having been told to takes the store with it. */
  #watch(worker: StoreThread, task: string): void {
    const gone = (reason: string): void => {
      if (this.#drained) return;
      const sentence = `The thread that ${task} the store ended: ${reason}`;
      this.#queries.abandon(new JournalError('failed', sentence));
      this.#commits.failed(sentence);
    };
    worker.on('error', (error: unknown) => gone(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => gone(`exit code ${code}.`));
  }
}

function ended(worker: StoreThread): Promise<void> {
  if (worker.threadId === -1) return Promise.resolve();
  return new Promise((resolvePromise) => worker.once('exit', () => resolvePromise()));
}

/** A JSON array of events as `GroupCommit` wrote it. */
function parseEvents(text: string): readonly StoredEvent[] {
  return JSON.parse(text) as StoredEvent[];
}

/** The logs of the live chats. */
export function liveChats(text: RecoveredText): ReadonlyMap<ChatId, readonly StoredEvent[]> {
  const closed = new Set(text.closed);
  const chats = new Map<ChatId, StoredEvent[]>();
  for (const part of [...text.segments, ...text.journal]) {
    for (const stored of parseEvents(part)) {
      if (closed.has(stored.chatId)) continue;
      const events = chats.get(stored.chatId);
      if (events) events.push(stored);
      else chats.set(stored.chatId, [stored]);
    }
  }
  return chats;
}
