/** Time, as the engine sees it. Tests hand in one that they turn themselves. */
export interface Clock {
  /** Milliseconds of a clock that never steps back. All deadlines use it. */
  monotonicMs(): number;
  /** Milliseconds since 1970 for what is shown to clients. */
  epochMs(): number;
  /** Calls `run` every `periodMs` until the returned function is called. Must not keep the process alive. */
  every(periodMs: number, run: () => void): () => void;
}

/** The machine's clock. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  epochMs: () => Date.now(),
  every(periodMs, run) {
    const timer = setInterval(run, periodMs);
    timer.unref();
    return () => clearInterval(timer);
  },
};
