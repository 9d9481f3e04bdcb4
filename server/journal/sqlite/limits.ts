import { defaultGroupCommitLimits, type GroupCommitLimits } from '../group-commit.ts';

/** Every limit of the embedded store, and what happens when it is reached. */
export interface SqliteLimits extends GroupCommitLimits {
  /**
   * Frames in the write-ahead log at which the writer checkpoints between two commits, busy or not. Its file is made
   * this large at the opening.
   */
  readonly maxWalPages: number;
  /** Frames in the write-ahead log from which a checkpoint is worth it while idle. */
  readonly idleWalPages: number;
  /** Bytes of journal above which a commit is followed by a step of compaction, busy or not, of more than it wrote. */
  readonly maxJournalLength: number;
  /** Bytes of journal down to which compaction goes while idle. */
  readonly idleJournalLength: number;
  /** Bytes of journal taken away in one step; a commit waits for at most one step. */
  readonly compactionStepLength: number;
  /** The writer is idle when no batch came for so long. */
  readonly idleAfterMs: number;
  /**
   * How long what is to be forgotten may stay in the files before an idle moment is used for it; after twice as long it is
   * done between commits. The write-ahead log is made anew for it.
   */
  readonly forgetAfterMs: number;
  /** Queries waiting for the reader; beyond it they are refused with `overloaded`. */
  readonly maxWaitingReads: number;
}

/**
 * Chosen by measurement on two shared cores, so the ratios count:
 * - A checkpoint of 8,000 pages holds the writer up for 15 to 25 ms, one of 1,000 for 2 to 6 ms; larger ones are rarer
 *   and write a page that changed often only once. 4,000 keeps the log at 16 MB.
 * - A commit of one message into a log that grows takes 1.6 to 8 ms, into one that is overwritten 0.2 to 1 ms (the
 *   file's size is metadata, and Node's SQLite syncs with fsync). Growing it at the opening takes 35 ms.
 * - Asking for the log's length after each commit (a checkpoint that does nothing) takes 4 to 6 µs.
 * - 32 MB of journal and 10,000 live chats are read back in 0.3 to 0.5 s; a million closed chats beside them add nothing.
 * - Compaction in steps of twice what each commit wrote makes the writer sync twice as often and a segment for nearly every
 *   message: 10 µs a message at 50 chats. In steps of 512 KB it takes 2 µs, and 24 % more messages get through; of 2 MB
 *   the slowest of 100 messages wait twice as long.
 * - Pages of 4, 8 and 16 kB commit equally fast; so they are as small as the disk's blocks.
 * - Starting a commit at the first entry or at the end of the event loop's turn makes no difference under load, for then
 *   a commit is always running.
 */
export const defaultSqliteLimits: SqliteLimits = {
  ...defaultGroupCommitLimits,
  maxWalPages: 4_000,
  idleWalPages: 1_000,
  maxJournalLength: 32 * 1024 * 1024,
  idleJournalLength: 4 * 1024 * 1024,
  compactionStepLength: 512 * 1024,
  idleAfterMs: 50,
  forgetAfterMs: 60_000,
  maxWaitingReads: 1_024,
};
