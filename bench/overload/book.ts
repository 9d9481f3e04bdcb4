import { LatencySketch } from '@parley/load/figures/latency-sketch.ts';
import { nowUs } from '../push/orders.ts';
import type { LoadSecond } from './orders.ts';

/** Messages of one run. */
const mostMessages = 50_000_000;

/** What became of every message, by its number. */
export class MessageBook {
  readonly #isAccepted = new Uint8Array(mostMessages);
  readonly #timesStored = new Uint8Array(mostMessages);
  readonly #timesReceived = new Uint8Array(mostMessages);
  readonly #sketch = new LatencySketch();
  #now = { accepted: 0, delivered: 0, refused: 0 };
  #last = 0;
  seconds: LoadSecond[] = [];
  refused = 0;
  bare = 0;
  broken = 0;

  next(): number {
    return (this.#last += 1);
  }

  accepted(n: number, dueAtUs: number): void {
    this.#isAccepted[n] = 1;
    this.#now.accepted += 1;
    this.#sketch.add(nowUs() - dueAtUs);
  }

  refusal(saysWhen: boolean): void {
    this.refused += 1;
    this.#now.refused += 1;
    if (!saysWhen) this.bare += 1;
  }

  received(n: number): void {
    this.#timesReceived[n] = (this.#timesReceived[n] ?? 0) + 1;
    this.#now.delivered += 1;
  }

  /** It stands in the log of its chat. */
  stored(n: number): void {
    this.#timesStored[n] = (this.#timesStored[n] ?? 0) + 1;
  }

  /** Closes a second. */
  tick(): void {
    this.seconds.push({ ...this.#now, p99Ms: this.#sketch.quantileMs(0.99) });
    this.#now = { accepted: 0, delivered: 0, refused: 0 };
    this.#sketch.clear();
  }

  /** Takes the seconds since the last call. */
  takeSeconds(): LoadSecond[] {
    return this.seconds.splice(0);
  }

  /** Accepted and not in the log; in the log twice, or told twice. */
  findings(): { lost: number; doubled: number } {
    let [lost, doubled] = [0, 0];
    for (let n = 1; n <= this.#last; n += 1) {
      const times = this.#timesStored[n] ?? 0;
      if (this.#isAccepted[n] === 1 && times === 0) lost += 1;
      if (times > 1 || (this.#timesReceived[n] ?? 0) > 1) doubled += 1;
    }
    return { lost, doubled };
  }
}
