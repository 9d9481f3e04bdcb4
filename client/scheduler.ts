/** Takes back what was scheduled; calling it again, or after it ran, does nothing. */
export type Cancel = () => void;

/** The only source of timers in the SDK: a test hands in one that it turns itself. */
export interface Scheduler {
  /** Calls `run` once, `delayMs` milliseconds from now, never within this call. */
  after(delayMs: number, run: () => void): Cancel;
}

/** The platform's timers. */
export const systemScheduler: Scheduler = {
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
