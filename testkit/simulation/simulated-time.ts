import type { Clock as PushClock } from '@parley/bayeux/sessions/clock.ts';
import type { Scheduler } from '@parley/client/scheduler.ts';
import type { Cancel, Clock } from '@parley/server/clock.ts';
import { EventCalendar } from '@parley/server/routing/event-calendar.ts';

/** A tick of the push engine: rarer than on a machine, for each costs a turn of the simulation. Twice as rare would be overload. */
const tickMs = 500;

/** Turns of the event loop after each timer, in which all that it has started comes to rest. */
const turnsAfterTimer = 3;

/** The time of a simulated world: it stands still while anything is computed, and jumps from timer to timer. */
export class SimulatedTime {
  readonly #calendar = new EventCalendar(Date.UTC(2026, 0, 5, 9));
  #held: Promise<unknown> | undefined;

  now(): number {
    return this.#calendar.now();
  }

  /** The clock of something that can die: its timers die with it. */
  mortal(): MortalClock {
    return new MortalClock(this.#calendar);
  }

  /** Runs everything that falls due within the next `forMs`, each at its time and to its end. */
  async run(forMs: number): Promise<void> {
    const untilMs = this.now() + forMs;
    let isOver = false;
    this.#calendar.setTimer(untilMs, () => (isOver = true));
    while (!isOver && this.#calendar.runNext()) {
      await rest();
      while (this.#held) await this.#release();
    }
  }

  /** Time stands still until the promise is settled: it waits for the real machine. `run` throws what it throws. */
  hold(promise: Promise<unknown>): void {
    this.#held = promise;
    promise.catch(() => {});
  }

  async #release(): Promise<void> {
    const held = this.#held;
    await held;
    if (this.#held === held) this.#held = undefined;
  }
}

/** Nothing here is waited for in real time: what is under way needs only turns of the event loop. */
export async function rest(turns = turnsAfterTimer): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** One clock in every shape in which the parts of the system want it. */
export class MortalClock implements Clock, PushClock, Scheduler {
  readonly #calendar: EventCalendar;
  #isDead = false;

  constructor(calendar: EventCalendar) {
    this.#calendar = calendar;
  }

  /** No timer of this clock fires any more. */
  die(): void {
    this.#isDead = true;
  }

  /** Whole milliseconds, as on a machine. */
  now(): number {
    return Math.floor(this.#calendar.now());
  }

  setTimer(atMs: number, callback: () => void): Cancel {
    return this.#calendar.setTimer(atMs, () => {
      if (!this.#isDead) callback();
    });
  }

  monotonicMs(): number {
    return this.now();
  }

  epochMs(): number {
    return this.now();
  }

  every(periodMs: number, run: () => void): () => void {
    let cancel: Cancel = () => {};
    const again = (): void => {
      cancel = this.setTimer(this.now() + Math.max(periodMs, tickMs), () => {
        again();
        run();
      });
    };
    again();
    return () => cancel();
  }

  after(delayMs: number, run: () => void): Cancel {
    return this.setTimer(this.now() + delayMs, run);
  }

  pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.after(delayMs, resolve));
  }
}
