import type { Clock } from './clock.ts';

/** A clock that stands still until told otherwise: for tests of whatever waits. */
export class ManualClock implements Clock {
  #nowMs = 1_000_000;
  readonly #repeats = new Set<{ readonly periodMs: number; nextMs: number; readonly run: () => void }>();

  monotonicMs(): number {
    return this.#nowMs;
  }

  epochMs(): number {
    return 1_700_000_000_000 + this.#nowMs;
  }

  every(periodMs: number, run: () => void): () => void {
    const repeat = { periodMs, nextMs: this.#nowMs + periodMs, run };
    this.#repeats.add(repeat);
    return () => void this.#repeats.delete(repeat);
  }

  /** Turns the clock by `elapsedMs`, running whatever falls due on the way, in order. */
  advance(elapsedMs: number): void {
    const untilMs = this.#nowMs + elapsedMs;
    for (;;) {
      let due: { periodMs: number; nextMs: number; run: () => void } | undefined;
      for (const repeat of this.#repeats) {
        if (repeat.nextMs <= untilMs && (due === undefined || repeat.nextMs < due.nextMs)) due = repeat;
      }
      if (due === undefined) break;
      this.#nowMs = due.nextMs;
      due.nextMs += due.periodMs;
      due.run();
    }
    this.#nowMs = untilMs;
  }
}
