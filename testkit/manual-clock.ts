import type { Cancel, Clock } from '@parley/server/clock.ts';

interface Timer {
  readonly atMs: number;
  readonly setAs: number;
  readonly callback: () => void;
}

/** How many timers one `advance` runs before it is taken for a timer that sets itself again for ever, and throws. */
const runLimit = 1_000_000;

/**
 * A clock that stands still until it is turned by hand. Timers that fall due on the way run within `advance`, the
 * earliest first, those of the same time in the order in which they were set, and so do timers that they set.
 * What a timer starts and does not wait for (a promise, a write) is not waited for here either.
 */
export class ManualClock implements Clock {
  #nowMs: number;
  #timersSet = 0;
  readonly #timers = new Set<Timer>();

  /** Starts at the moment of the founding page's first message, 2014-01-02T22:23:18Z, unless told otherwise. */
  constructor(nowMs: number = Date.UTC(2014, 0, 2, 22, 23, 18)) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  setTimer(atMs: number, callback: () => void): Cancel {
    const timer: Timer = { atMs, setAs: ++this.#timersSet, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Turns the clock on by `elapsedMs`, which is not negative. */
  advance(elapsedMs: number): void {
    this.advanceTo(this.#nowMs + elapsedMs);
  }

  /** Turns the clock on to `untilMs`. A time that has passed is refused: no clock goes back. */
  advanceTo(untilMs: number): void {
    if (!(untilMs >= this.#nowMs))
      throw new RangeError(`the clock shows ${this.#nowMs} and cannot go to ${untilMs}`);
    let runs = 0;
    for (let timer = this.#nextDue(untilMs); timer; timer = this.#nextDue(untilMs)) {
      if (++runs > runLimit) throw new Error(`${runLimit} timers ran and more are due at ${timer.atMs}`);
      this.#timers.delete(timer);
      this.#nowMs = Math.max(this.#nowMs, timer.atMs);
      timer.callback();
    }
    this.#nowMs = untilMs;
  }

  /** When the timers that wait are due, the earliest first. */
  pending(): readonly number[] {
    return [...this.#timers].map((timer) => timer.atMs).sort((a, b) => a - b);
  }

  #nextDue(untilMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers)
      if (timer.atMs <= untilMs && (!next || isBefore(timer, next))) next = timer;
    return next;
  }
}

function isBefore(timer: Timer, other: Timer): boolean {
  return timer.atMs === other.atMs ? timer.setAs < other.setAs : timer.atMs < other.atMs;
}
