import { LatencySketch } from './latency-sketch.ts';

/** What is measured, each with its own latencies. */
export const gauges = ['toAgent', 'toCustomer', 'accepted', 'waited'] as const;
export type Gauge = (typeof gauges)[number];

/** One second of the run: how many of each, and their latencies. */
export interface Second {
  /** Seconds since the clients began. */
  readonly at: number;
  readonly counts: Readonly<Record<Gauge, number>>;
  readonly p50Ms: Readonly<Record<Gauge, number>>;
  readonly p99Ms: Readonly<Record<Gauge, number>>;
  readonly errors: number;
}

/** Something that happened to the server or the clients, for the charts. */
export interface Mark {
  /** Seconds since the clients began. */
  readonly at: number;
  readonly label: string;
}

/** Seconds that are kept one by one; when there are more, the oldest are dropped from the charts, not from the totals. */
const mostSeconds = 4 * 3600;
const mostMarks = 2_000;
const mostErrorKinds = 50;

type PerGauge<Value> = Record<Gauge, Value>;

function forEachGauge<Value>(of: (gauge: Gauge) => Value): PerGauge<Value> {
  return Object.fromEntries(gauges.map((gauge) => [gauge, of(gauge)])) as PerGauge<Value>;
}

/**
 * Counts and latencies of a run: in all, since the warm-up, and second by second. `toAgent` and `toCustomer`: from the
 * moment a message was due to be sent until the other side had it; `accepted`: until its answer; `waited`: from the
 * request for a chat until an agent was there.
 */
export class Meter {
  readonly #now: () => number;
  readonly #startedAtMs: number;
  readonly totals: PerGauge<LatencySketch> = forEachGauge(() => new LatencySketch());
  readonly #current: PerGauge<LatencySketch> = forEachGauge(() => new LatencySketch());
  readonly seconds: Second[] = [];
  readonly marks: Mark[] = [];
  readonly errors = new Map<string, number>();
  #errorsNow = 0;
  #second = 0;
  #measuredFromMs = 0;
  /** When a client's connections were cut on purpose, in seconds since the clients began. */
  readonly cuts: number[] = [];
  /** From when to when it was measured, in seconds since the clients began. */
  window = { from: 0, until: Infinity };
  /** How long it was measured, and what reached the other side in that time, both directions. */
  measured: { readonly seconds: number; readonly delivered: number } = { seconds: 0, delivered: 0 };

  constructor(now: () => number) {
    this.#now = now;
    this.#startedAtMs = now();
  }

  /** Forgets what was measured so far: the warm-up is over. */
  begin(): void {
    for (const gauge of gauges) this.totals[gauge].clear();
    this.errors.clear();
    this.#measuredFromMs = this.#now();
    this.window.from = this.#elapsedSeconds();
  }

  /** What comes from now on was sent in time and is late: it counts in the latencies, not in the throughput. */
  end(): void {
    const delivered = this.totals.toAgent.total + this.totals.toCustomer.total;
    this.window.until = this.#elapsedSeconds();
    this.measured = { seconds: (this.#now() - this.#measuredFromMs) / 1000, delivered };
  }

  add(gauge: Gauge, latencyMs: number): void {
    this.tick();
    this.totals[gauge].add(latencyMs * 1000);
    this.#current[gauge].add(latencyMs * 1000);
  }

  /** Something that did not work, by its kind. */
  failed(kind: string): void {
    this.tick();
    const name = this.errors.has(kind) || this.errors.size < mostErrorKinds ? kind : 'others';
    this.errors.set(name, (this.errors.get(name) ?? 0) + 1);
    this.#errorsNow += 1;
  }

  mark(label: string): void {
    if (this.marks.length < mostMarks) this.marks.push({ at: this.#elapsedSeconds(), label });
  }

  cut(): void {
    if (this.cuts.length < mostMarks) this.cuts.push(this.#elapsedSeconds());
  }

  /** Closes the seconds that are over; called by every measurement, and at the end. */
  tick(): void {
    const second = Math.floor(this.#elapsedSeconds());
    while (this.#second < second) {
      const current = this.#current;
      this.seconds.push({
        at: this.#second,
        counts: forEachGauge((gauge) => current[gauge].total),
        p50Ms: forEachGauge((gauge) => current[gauge].quantileMs(0.5)),
        p99Ms: forEachGauge((gauge) => current[gauge].quantileMs(0.99)),
        errors: this.#errorsNow,
      });
      if (this.seconds.length > mostSeconds) this.seconds.shift();
      for (const gauge of gauges) if (current[gauge].total > 0) current[gauge].clear();
      this.#errorsNow = 0;
      this.#second += 1;
    }
  }

  #elapsedSeconds(): number {
    return (this.#now() - this.#startedAtMs) / 1000;
  }
}
