import type { Cancel, Clock } from '../clock.ts';
import { popFirst, pushItem, type Before } from './binary-heap.ts';

interface Entry {
  readonly atMs: number;
  readonly callback: () => void;
}

/**
 * The clock of a simulation: time jumps from one timer to the next. Timers of the same time run in the order in which
 * they were set. Setting and running one costs a logarithm of how many are set, so that a day of a large contact
 * centre goes by in seconds.
 */
export class EventCalendar implements Clock {
  #nowMs: number;
  #timersSet = 0;
  readonly #entries = new Map<number, Entry>();
  readonly #heap: number[] = [];

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  setTimer(atMs: number, callback: () => void): Cancel {
    const id = this.#timersSet++;
    this.#entries.set(id, { atMs, callback });
    pushItem(this.#heap, id, this.#before);
    return () => {
      // The heap keeps the id until its time has come; the callback goes now.
      const entry = this.#entries.get(id);
      if (entry) this.#entries.set(id, { atMs: entry.atMs, callback: () => {} });
    };
  }

  /** When the next timer is due, cancelled ones included; null when none is left. */
  nextAtMs(): number | null {
    return this.#entries.get(this.#heap[0] ?? -1)?.atMs ?? null;
  }

  /** Turns the clock to the next timer and runs it; false when none is left. */
  runNext(): boolean {
    const id = popFirst(this.#heap, this.#before);
    if (id === undefined) return false;
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    if (!entry) throw new Error('a timer is in the heap and not in the calendar');
    this.#nowMs = Math.max(this.#nowMs, entry.atMs);
    entry.callback();
    return true;
  }

  #before: Before = (left, right) => {
    const [leftMs, rightMs] = [this.#entries.get(left)?.atMs ?? 0, this.#entries.get(right)?.atMs ?? 0];
    return leftMs === rightMs ? left < right : leftMs < rightMs;
  };
}
