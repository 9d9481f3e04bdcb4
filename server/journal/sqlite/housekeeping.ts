import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Compactor } from './compactor.ts';
import { renewLog } from './database.ts';
import { lacksRoom } from './disk-room.ts';
import type { SqliteLimits } from './limits.ts';

/** What is to be forgotten: since when, and the journal's row up to which it may stand there. */
interface Forgetting {
  readonly sinceMs: number;
  readonly batchId: number;
}

export interface HousekeepingOptions {
  /** Of the database. */
  readonly path: string;
  readonly limits: SqliteLimits;
  /** Hears of a step that could not be written; the store is then as failed as after a failed commit. */
  readonly onError: (error: unknown) => void;
}

/**
 * What the writer does between commits: moves the write-ahead log into the database, keeps the journal short, and takes
 * out of the files what is to be forgotten. All wait for idle moments, until a limit is reached. A commit that arrives
 * meanwhile waits for one step at most. A step that finds no room on the disk is taken back and tried again after
 * `roomRetryMs`, whatever else is due: what was committed is durable without it.
 */
export class Housekeeping {
  readonly #db: DatabaseSync;
  readonly #path: string;
  readonly #limits: SqliteLimits;
  readonly #compactor: Compactor;
  readonly #onError: (error: unknown) => void;
  readonly #walLength: StatementSync;
  readonly #checkpoint: StatementSync;
  readonly #idle: NodeJS.Timeout;
  #forgetting: Forgetting | null = null;
  #forgetTimer: NodeJS.Timeout | null = null;
  /** Set while there may be no room. */
  #roomTimer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(db: DatabaseSync, { path, limits, onError }: HousekeepingOptions) {
    this.#db = db;
    this.#path = path;
    this.#limits = limits;
    this.#compactor = new Compactor(db);
    this.#onError = onError;
    this.#walLength = db.prepare('PRAGMA wal_checkpoint(NOOP)');
    this.#checkpoint = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
    this.#idle = setTimeout(() => this.#step(), limits.idleAfterMs);
    // Nobody has written down what the process before still had to forget.
    if (this.#compactor.mayHoldForgotten) this.forgetSoon();
  }

  /** Something was removed, or must not stay in the journal. */
  forgetSoon(): void {
    const { newest } = this.#compactor;
    this.#forgetting = { sinceMs: this.#forgetting?.sinceMs ?? performance.now(), batchId: newest };
    this.#forgetTimer ??= setTimeout(() => this.#forgetDue(), this.#limits.forgetAfterMs);
  }

  /** A timer can be a little early, and somebody may read: it is set until everything is forgotten. */
  #forgetDue(): void {
    this.#forgetTimer = null;
    this.#step();
    if (this.#forgetting && !this.#stopped)
      this.#forgetTimer ??= setTimeout(() => this.#forgetDue(), Math.min(100, this.#limits.forgetAfterMs));
  }

  /** Call after each commit, when it has been answered. */
  afterCommit(eventsLength: number): void {
    const { maxJournalLength, maxWalPages, compactionStepLength } = this.#limits;
    this.#compactor.added(eventsLength);
    if (this.#roomTimer) return;
    this.#guarded(() => {
      if (this.#isOverdue()) this.#forget(compactionStepLength);
      else if (this.#compactor.journalLength > maxJournalLength)
        this.#compactor.step(Math.max(compactionStepLength, 2 * eventsLength));
      if (this.#pagesToCheckpoint() > maxWalPages) this.#checkpoint.get();
    });
    if (!this.#stopped) this.#idle.refresh();
  }

  /** A commit found no room: what the write-ahead log holds may have its place in the database, and leave its own. */
  makeRoom(): void {
    this.#guarded(() => void this.#checkpoint.get());
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#idle);
    if (this.#roomTimer) clearTimeout(this.#roomTimer);
    if (this.#forgetTimer) clearTimeout(this.#forgetTimer);
  }

  /** Stops, once everything is forgotten that is to be. */
  close(): void {
    this.stop();
    this.#guarded(() => {
      if (this.#forgetting) this.#forget(Infinity);
    });
  }

  /** One piece of work while idle; after it, whatever arrived goes first. */
  #step(): void {
    const { idleJournalLength, compactionStepLength, idleWalPages } = this.#limits;
    this.#guarded(() => {
      if (this.#stopped || this.#roomTimer) return;
      if (this.#isDue()) {
        this.#forget(compactionStepLength);
        this.#idle.refresh();
      } else if (this.#compactor.journalLength > idleJournalLength) {
        this.#compactor.step(compactionStepLength);
        this.#idle.refresh();
      } else if (this.#pagesToCheckpoint() > idleWalPages) this.#checkpoint.get();
    });
  }

  /** One step towards files in which nothing is left of it: first out of the journal, then out of the log. */
  #forget(stepLength: number): void {
    if (!this.#forgetting) return;
    if (!this.#compactor.isGoneTo(this.#forgetting.batchId)) this.#compactor.step(stepLength);
    if (!this.#compactor.isGoneTo(this.#forgetting.batchId)) return;
    this.#compactor.removeEmptied();
    // While somebody reads, the next moment will do.
    if (!renewLog(this.#db, this.#limits.maxWalPages)) return;
    this.#forgetting = null;
    if (this.#forgetTimer) clearTimeout(this.#forgetTimer);
    this.#forgetTimer = null;
  }

  #isDue(times = 1): boolean {
    const sinceMs = this.#forgetting?.sinceMs;
    return sinceMs !== undefined && performance.now() - sinceMs >= times * this.#limits.forgetAfterMs;
  }

  /** No idle moment has come for it. */
  #isOverdue(): boolean {
    return this.#isDue(2);
  }

  /** Frames in the log that are not in the database yet. */
  #pagesToCheckpoint(): number {
    const row = this.#walLength.get();
    return Number(row?.['log']) - Number(row?.['checkpointed']);
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (lacksRoom(this.#path, error)) this.#waitForRoom();
      else this.#onError(error);
    }
  }

  #waitForRoom(): void {
    if (this.#roomTimer || this.#stopped) return;
    this.#roomTimer = setTimeout(() => {
      this.#roomTimer = null;
      this.#step();
    }, this.#limits.roomRetryMs);
  }
}
