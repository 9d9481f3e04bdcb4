import type { Clock } from './clock.ts';

/** What a shutdown acts on; in the server these are the process and its standard error. */
export interface ShutdownParts {
  readonly clock: Clock;
  /** Takes nothing new, finishes what runs, closes the store. */
  readonly drain: () => Promise<void>;
  readonly exit: (code: number) => void;
  readonly tell: (sentence: string) => void;
  /** Told when draining fails; what it says goes to the log. */
  readonly onError: (error: unknown) => void;
  /** Draining that takes longer is given up. */
  readonly drainTimeoutMs: number;
}

/** 128 and the number of SIGINT, as shells count it. */
const forcedExit = 130;

/**
 * How the server stops: the first signal drains and exits with 0, the second exits at once. Draining that fails or
 * takes too long exits with 1. What was answered is on disk in every case. Exits once.
 */
export class Shutdown {
  readonly #parts: ShutdownParts;
  #state: 'Running' | 'Draining' | 'Over' = 'Running';

  constructor(parts: ShutdownParts) {
    this.#parts = parts;
  }

  /** A SIGINT or SIGTERM came in. */
  signal(): void {
    const { tell } = this.#parts;
    if (this.#state === 'Draining') {
      tell('Stopping at once.');
      this.#exit(forcedExit);
    } else if (this.#state === 'Running') {
      tell('Stopping; once more to stop at once.');
      void this.#drain();
    }
  }

  async #drain(): Promise<void> {
    const { clock, drain, tell, onError, drainTimeoutMs } = this.#parts;
    this.#state = 'Draining';
    const cancel = clock.setTimer(clock.now() + drainTimeoutMs, () => {
      tell(`Stopping took longer than ${drainTimeoutMs} ms and is given up.`);
      this.#exit(1);
    });
    try {
      await drain();
      this.#exit(0);
    } catch (error) {
      onError(error);
      this.#exit(1);
    } finally {
      cancel();
    }
  }

  #exit(code: number): void {
    if (this.#state === 'Over') return;
    this.#state = 'Over';
    this.#parts.exit(code);
  }
}
