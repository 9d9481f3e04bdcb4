/** Cancels what was set; calling it again, or after the timer ran, does nothing. */
export type Cancel = () => void;

/**
 * Time as an argument. The server runs on `systemClock`; tests and the sandbox turn a clock of their own by hand.
 * `setTimer` runs `callback` once `now()` has reached `atMs`, never within the call itself.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  setTimer(atMs: number, callback: () => void): Cancel;
}

/** Node's longest timer; a later deadline is reached in several steps. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(atMs, callback) {
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const leftMs = Math.max(0, atMs - Date.now());
      // Node counts whole milliseconds of another clock than the wall's: a timer may wake a little early.
      timer = setTimeout(() => (Date.now() < atMs ? wait() : callback()), Math.min(leftMs, longestTimerMs));
    };
    wait();
    return () => clearTimeout(timer);
  },
};
