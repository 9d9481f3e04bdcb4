import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from './clock.ts';
import { JournalError } from './journal/journal-error.ts';

/** What a shutdown acts on; in the server these are the process and its standard error. */
export interface ShutdownParts {
  readonly clock: Clock;
  /** Takes nothing new, finishes what runs, closes the store. */
  readonly drain: () => Promise<void>;
  readonly exit: (code: number) => void;
  readonly tell: (sentence: string) => void;
  /** Told when draining fails; what it says goes to the log. Returns what to exit with. */
  readonly onError: (error: unknown) => number;
  /** Draining that takes longer is given up. */
  readonly drainTimeoutMs: number;
}

/** There was no room for what was still to be written (EX_IOERR of sysexits.h): without room a start is of no use. */
export const fullDiskExit = 74;
const failureExit = 1;

/** Says in the log why draining failed; what to exit with. */
export function stoppingFailed(logger: FastifyBaseLogger, error: unknown): number {
  if (error instanceof JournalError && error.code === 'full') {
    logger.error({ reason: error.message }, 'stopped on a full disk');
    return fullDiskExit;
  }
  logger.error({ err: error }, 'stopping failed');
  return failureExit;
}

/** 128 and the number of SIGINT, as shells count it. */
const forcedExit = 130;

/**
 * How the server stops: the first signal drains and exits with 0, the second exits at once. Draining that takes too long
 * exits with 1, draining that fails as `onError` says. What was answered is on disk in every case. Exits once.
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
      this.#exit(failureExit);
    });
    try {
      await drain();
      this.#exit(0);
    } catch (error) {
      this.#exit(onError(error));
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
