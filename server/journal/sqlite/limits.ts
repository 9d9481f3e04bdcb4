import { defaultGroupCommitLimits, type GroupCommitLimits } from '../group-commit.ts';

/** Every limit of the embedded store, and what happens when it is reached. */
export interface SqliteLimits extends GroupCommitLimits {
  /** Frames in the write-ahead log at which the writer checkpoints between two commits, busy or not. */
  readonly maxWalPages: number;
  /** Frames in the write-ahead log from which a checkpoint is worth it while idle. */
  readonly idleWalPages: number;
  /** Bytes of journal above which every commit is followed by a compaction of more than it wrote. */
  readonly maxJournalLength: number;
  /** Bytes of journal down to which compaction goes while idle. */
  readonly idleJournalLength: number;
  /** Bytes of journal taken away in one step while idle; a commit waits for at most one step. */
  readonly compactionStepLength: number;
  /** The writer is idle when no batch came for so long. */
  readonly idleAfterMs: number;
  /** Queries waiting for the reader; beyond it they are refused with `overloaded`. */
  readonly maxWaitingReads: number;
}

export const defaultSqliteLimits: SqliteLimits = {
  ...defaultGroupCommitLimits,
  maxWalPages: 4_000,
  idleWalPages: 1_000,
  maxJournalLength: 32 * 1024 * 1024,
  idleJournalLength: 4 * 1024 * 1024,
  compactionStepLength: 512 * 1024,
  idleAfterMs: 50,
  maxWaitingReads: 1_024,
};
