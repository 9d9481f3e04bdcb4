import { secondsBounds, Tally } from '../telemetry/tally.ts';

const entriesBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] as const;

/**
 * What a store has to do and how long it takes: what waits for the disk, for the limits of overload, and what was committed, for
 * `/metrics`. Times are milliseconds of a clock that only goes forward.
 */
export class JournalMeter {
  readonly #nowMs: () => number;
  /** Entries that are not on disk yet, those of the running commit among them. */
  waitingEntries = 0;
  /** Their JSON, in characters. */
  waitingLength = 0;
  /** When the oldest of them was appended; null when none waits. */
  oldestAtMs: number | null = null;
  /** Whether the last commit that was tried found no room on the disk. */
  isFull = false;
  readonly batchEntries = new Tally(entriesBounds);
  readonly commitSeconds = new Tally(secondsBounds);

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs();
  }

  /** How long the oldest entry has been waiting for the disk; 0 when none waits. */
  oldestWaitingMs(): number {
    return this.oldestAtMs === null ? 0 : this.#nowMs() - this.oldestAtMs;
  }
}
