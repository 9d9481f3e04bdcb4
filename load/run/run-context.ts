import type { Meter } from '../figures/meter.ts';
import type { ChatLedger } from './chat-ledger.ts';
import type { LoadOptions } from './load-options.ts';
import type { Random } from './seeded-random.ts';

/** What everybody who takes part in a run shares. */
export interface RunContext {
  readonly options: LoadOptions;
  readonly meter: Meter;
  readonly ledger: ChatLedger;
  readonly now: () => number;
  /** Resolves after so long, or at once when the run is given up. */
  readonly pause: (delayMs: number) => Promise<void>;
  /** Customers come to an end at their next step; agents go on until the last chat is over. */
  readonly isOver: () => boolean;
  /** Nobody waits for anything any more. */
  readonly isGivenUp: () => boolean;
  readonly random: Random;
}
