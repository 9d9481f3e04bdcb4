import type { Random } from '@parley/server/routing/seeded-random.ts';
import type { Gate } from './gate.ts';
import type { History } from './history.ts';

/** What everybody who takes part in a crash run shares. */
export interface CrashContext {
  readonly gate: Gate;
  readonly history: History;
  /** How often the server has been started. What began under a lower number has outlived a kill. */
  readonly life: () => number;
  /** Everybody comes to an end at their next step. */
  readonly isOver: () => boolean;
  readonly now: () => number;
  readonly pause: (delayMs: number) => Promise<void>;
  /** Something is wrong: the run fails with it. */
  readonly report: (...problems: string[]) => void;
}

/** A context and somebody's own chance, so that they do the same whatever the others do. */
export interface Part {
  readonly context: CrashContext;
  readonly random: Random;
}
