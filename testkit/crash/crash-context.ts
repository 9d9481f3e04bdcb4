import type { Fetch } from '@parley/client/fetch.ts';
import type { Scheduler } from '@parley/client/scheduler.ts';
import type { HistoryBook } from '@parley/load/history/history-book.ts';
import type { Random } from '@parley/server/routing/seeded-random.ts';

/** What everybody who takes part in a crash run shares. */
export interface CrashContext {
  /** The way to the server, whichever it is at present. */
  readonly gate: { readonly fetch: Fetch };
  /** The clients' time, where it is not the machine's. */
  readonly scheduler?: Scheduler;
  readonly history: HistoryBook;
  /** How often the server has been started. What began under a lower number has outlived a kill. */
  readonly life: () => number;
  /** Everybody comes to an end at their next step. */
  readonly isOver: () => boolean;
  readonly pause: (delayMs: number) => Promise<void>;
  /** Something is wrong: the run fails with it. */
  readonly report: (...problems: string[]) => void;
}

/** A context and somebody's own chance, so that they do the same whatever the others do. */
export interface Part {
  readonly context: CrashContext;
  readonly random: Random;
}
