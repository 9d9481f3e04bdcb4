import { EventEmitter } from 'node:events';
import { DatabaseSync } from 'node:sqlite';
import type { Batch, RoomListener } from '@parley/server/journal/group-commit.ts';
import { JournalError } from '@parley/server/journal/journal-error.ts';
import { JournalMeter } from '@parley/server/journal/journal-meter.ts';
import type { Journal, JournalEntry, TableWrite } from '@parley/server/journal/journal.ts';
import { BatchWriter } from '@parley/server/journal/sqlite/batch-writer.ts';
import { openForWriting } from '@parley/server/journal/sqlite/database.ts';
import { defaultSqliteLimits } from '@parley/server/journal/sqlite/limits.ts';
import type {
  FromReader,
  FromWriter,
  RecoveredText,
  StoreThread,
  ToReader,
  ToWriter,
} from '@parley/server/journal/sqlite/messages.ts';
import { SqliteJournal } from '@parley/server/journal/sqlite/open.ts';
import { answer } from '@parley/server/journal/sqlite/queries.ts';
import type { Random } from '@parley/server/routing/seeded-random.ts';
import type { PlantedBug } from './planted-bug.ts';
import type { MortalClock } from './simulated-time.ts';

export interface DiskOptions {
  readonly random: Random;
  /** How long a commit or a read takes now, in milliseconds. */
  readonly latencyMs: () => number;
  readonly planted: PlantedBug | undefined;
  /** The store was told that there is no room, as it has been since then without a pause; by the store's clock. */
  readonly onNoRoom?: (sinceMs: number) => void;
}

let emptyStore: Uint8Array | undefined;

/** A store with nothing in it: made by the migrations once, copied for each world. */
function newStore(): DatabaseSync {
  const made = emptyStore ? undefined : openForWriting(':memory:', { logPages: 0, faults: {} });
  emptyStore ??= made?.serialize();
  made?.close();
  const db = new DatabaseSync(':memory:');
  if (emptyStore) db.deserialize(emptyStore);
  db.exec('PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON');
  return db;
}

/** A commit that was handed to the disk and is not on it. */
type Underway = { readonly write: () => void };

export interface StoreHearers {
  readonly isOpen: () => boolean;
  readonly onFatal: (error: JournalError) => void;
  readonly onFull?: RoomListener | undefined;
}

const fullSentence = 'The simulated disk is full.';

/**
 * The disk of a simulated server, which outlives it: SQLite with the store's own schema, writer and queries, in memory
 * and without threads. A commit takes its time; one that a crash falls into is on the disk or it is not.
 */
export class SimulatedDisk {
  readonly #db = newStore();
  readonly #options: DiskOptions;
  #underway: Underway | undefined;
  #fails = false;
  /** Of an attempt to write: 1 with room, 0 without; anything between when others free and take some. */
  chanceOfRoom = 1;
  /** Since when the store that is open knows that there is no room. */
  #fullSinceMs: number | undefined;

  constructor(options: DiskOptions) {
    this.#options = options;
  }

  /** The next commit is not written, and says so. */
  failNext(): void {
    this.#fails = true;
  }

  /** What is on the disk of the chats and agents that a start finds. */
  contents(): RecoveredText {
    return answer(this.#db, { type: 'recover' }) as RecoveredText;
  }

  /**
   * The store as a server opens it. What is read before `isOpen` takes no time: a start waits for the real machine too.
   * On a full disk it may throw a `JournalError`, for the embedded store makes its log anew then; PostgreSQL does not.
   */
  open(clock: MortalClock, { isOpen, onFatal, onFull }: StoreHearers): Journal {
    const { planted, random } = this.#options;
    if (!this.#hasRoom() && random() < 0.5) throw new JournalError('unusable', fullSentence);
    this.#fullSinceMs = undefined;
    const batches = new BatchWriter(this.#db);
    const writer = new SimulatedThread<ToWriter, FromWriter>((message, tell) => {
      if (message.type === 'close') return;
      const batch = planted === 'keeps no record of requests' ? withoutKeys(message.batch) : message.batch;
      const write = (): void => void batches.write(batch);
      this.#underway = { write };
      const confirmsTooEarly = planted === 'confirms too early';
      if (confirmsTooEarly) clock.after(0, () => tell({ type: 'committed' }));
      clock.after(this.#options.latencyMs(), () => {
        const outcome = this.#attempt(write, clock.now());
        if (!confirmsTooEarly || outcome.type === 'failed') tell(outcome);
      });
    });
    const reader = new SimulatedThread<ToReader, FromReader>((message, tell) => {
      if ('close' in message) return;
      const { id, query } = message;
      const read = (): void => {
        const found = answer(this.#db, query);
        const isShort = planted === 'starts one event too early' && query.type === 'recover';
        tell({ id, answer: isShort ? withoutLast(found as RecoveredText) : found });
      };
      if (isOpen()) clock.after(this.#options.latencyMs(), read);
      else setImmediate(read);
    });
    const Store = planted === 'takes changes for which there is no room' ? CarelessJournal : SqliteJournal;
    return new Store({
      ...{ writer, reader, limits: defaultSqliteLimits, onFatal },
      meter: new JournalMeter(() => clock.now()),
      onFull: planted === 'tells nobody that there is no room' ? undefined : onFull,
      later: (pauseMs, call) => {
        if (planted !== 'tries only once what finds no room') clock.after(pauseMs, call);
      },
    });
  }

  /** The server dies in the middle of whatever it does. */
  crash(): void {
    if (this.#underway && this.#options.random() < 0.5) this.#underway.write();
    this.#underway = undefined;
  }

  #hasRoom(): boolean {
    return this.chanceOfRoom === 1 || this.#options.random() < this.chanceOfRoom;
  }

  /** What comes of a commit when its time is over. */
  #attempt(write: () => void, nowMs: number): FromWriter {
    const { planted, random } = this.#options;
    this.#underway = undefined;
    if (this.#fails) {
      this.#fails = false;
      return { type: 'failed', sentence: 'The simulated disk reports an error.' };
    }
    if (!this.#hasRoom()) return this.#noRoom(write, nowMs);
    this.#fullSinceMs = undefined;
    if (planted !== 'leaves a commit out' || random() < 0.9) write();
    return { type: 'committed' };
  }

  #noRoom(write: () => void, nowMs: number): FromWriter {
    const { planted, random, onNoRoom } = this.#options;
    if (planted === 'drops what finds no room') return { type: 'committed' };
    if (planted === 'keeps what it says found no room') write();
    // Its log may be complete and synced, and only the index of it lack room: a start after a crash may find the commit.
    else if (random() < 0.5) this.#underway = { write };
    this.#fullSinceMs ??= nowMs;
    onNoRoom?.(this.#fullSinceMs);
    return { type: 'full', sentence: fullSentence };
  }

  close(): void {
    this.#db.close();
  }
}

/** Confirms what it has no room for. */
class CarelessJournal extends SqliteJournal {
  override append(entry: JournalEntry, onDurable: () => void): void {
    if (this.meter.isFull) queueMicrotask(onDurable);
    else super.append(entry, onDurable);
  }
}

function withoutKeys(batch: Batch): Batch {
  const writes = (JSON.parse(batch.writes) as TableWrite[]).filter(({ table }) => table !== 'request_keys');
  return { ...batch, writes: JSON.stringify(writes) };
}

/** What a start reads, without the event that was written last. */
function withoutLast(found: RecoveredText): RecoveredText {
  const last = JSON.parse(found.journal.at(-1) ?? '[]') as unknown[];
  return { ...found, journal: [...found.journal.slice(0, -1), JSON.stringify(last.slice(0, -1))] };
}

/** Takes what would go to a thread, and answers in its name. */
class SimulatedThread<In, Out> extends EventEmitter implements Pick<StoreThread, 'postMessage' | 'threadId'> {
  readonly threadId = 1;
  readonly #receive: (message: In, tell: (message: Out) => void) => void;

  constructor(receive: (message: In, tell: (message: Out) => void) => void) {
    super();
    this.#receive = receive;
  }

  postMessage(message: unknown): void {
    // What crosses to a thread is a copy.
    this.#receive(structuredClone(message) as In, (told) => void this.emit('message', structuredClone(told)));
  }
}
