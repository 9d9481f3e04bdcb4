import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Compactor } from './compactor.ts';
import type { SqliteLimits } from './limits.ts';

/**
 * What the writer does between commits: moves the write-ahead log into the database and keeps the journal short. Both
 * wait for idle moments, until a limit is reached. A commit that arrives meanwhile waits for one step at most.
 */
export class Housekeeping {
  readonly #limits: SqliteLimits;
  readonly #compactor: Compactor;
  readonly #onError: (error: unknown) => void;
  readonly #walLength: StatementSync;
  readonly #checkpoint: StatementSync;
  readonly #idle: NodeJS.Timeout;
  #stopped = false;

  /** `onError` hears of a step that could not be written; the store is then as failed as after a failed commit. */
  constructor(db: DatabaseSync, limits: SqliteLimits, onError: (error: unknown) => void) {
    this.#limits = limits;
    this.#compactor = new Compactor(db);
    this.#onError = onError;
    this.#walLength = db.prepare('PRAGMA wal_checkpoint(NOOP)');
    this.#checkpoint = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
    this.#idle = setTimeout(() => this.#step(), limits.idleAfterMs);
  }

  /** Call after each commit, when it has been answered. */
  afterCommit(eventsLength: number): void {
    const { maxJournalLength, maxWalPages } = this.#limits;
    this.#compactor.added(eventsLength);
    this.#guarded(() => {
      if (this.#compactor.journalLength > maxJournalLength) this.#compactor.step(2 * eventsLength);
      if (this.#pagesToCheckpoint() > maxWalPages) this.#checkpoint.get();
    });
    if (!this.#stopped) this.#idle.refresh();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#idle);
  }

  /** One piece of work while idle; after it, whatever arrived goes first. */
  #step(): void {
    const { idleJournalLength, compactionStepLength, idleWalPages } = this.#limits;
    this.#guarded(() => {
      if (this.#stopped) return;
      if (this.#compactor.journalLength > idleJournalLength) {
        this.#compactor.step(compactionStepLength);
        this.#idle.refresh();
      } else if (this.#pagesToCheckpoint() > idleWalPages) this.#checkpoint.get();
    });
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
      this.#onError(error);
    }
  }
}
