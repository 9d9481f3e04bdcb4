import { type Clock as PushClock, systemClock } from '@parley/bayeux/sessions/clock.ts';

export interface LoopShareOptions {
  /** Of the event loop's time, above 0 and at most 1. */
  readonly share: number;
  /** So many milliseconds of work may be saved up, and then done without a pause. */
  readonly savedMs: number;
  readonly clock?: PushClock | undefined;
  /** Calls in the next turn of the event loop; default `setImmediate`. */
  readonly afterTurn?: (call: () => void) => void;
  /** Calls after a pause; default `setTimeout`. */
  readonly later?: (call: () => void, pauseMs: number) => void;
}

/**
 * Work in pieces beside work that is more urgent: one piece in a turn of the event loop, and in the long run a share of its
 * time. What has not been used for a while is saved up, so that a little work is done at once.
 */
export class LoopShare {
  readonly #options: Required<LoopShareOptions> & { readonly clock: PushClock };
  /** Milliseconds of work that may be done now; below 0 when the last piece took more. */
  #leftMs: number;
  #countedAtMs: number;

  constructor(options: LoopShareOptions) {
    const { clock = systemClock, afterTurn = setImmediate, later = setTimeout } = options;
    this.#options = { ...options, clock, afterTurn, later };
    this.#leftMs = options.savedMs;
    this.#countedAtMs = clock.monotonicMs();
  }

  /** Runs one piece in a later turn: the next, unless the share is used up. */
  soon(piece: () => void): void {
    const { share, afterTurn, later } = this.#options;
    const leftMs = this.#count();
    if (leftMs <= 0) return void later(() => this.soon(piece), Math.ceil((1 - leftMs) / share));
    afterTurn(() => {
      const beganAtMs = this.#options.clock.monotonicMs();
      try {
        piece();
      } finally {
        this.#leftMs -= this.#options.clock.monotonicMs() - beganAtMs;
      }
    });
  }

  #count(): number {
    const { share, savedMs, clock } = this.#options;
    const nowMs = clock.monotonicMs();
    this.#leftMs = Math.min(savedMs, this.#leftMs + (nowMs - this.#countedAtMs) * share);
    this.#countedAtMs = nowMs;
    return this.#leftMs;
  }
}
