/**
 * A histogram in plain numbers, cheap enough for every message: what is observed is counted in one of the buckets between fixed
 * bounds. `server/telemetry/exposition.ts` shows it to Prometheus.
 */
export class Tally {
  /** The upper ends of the buckets, growing; one more bucket takes what is above the last. */
  readonly bounds: readonly number[];
  readonly counts: number[];
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    const { bounds, counts } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    this.sum += value;
  }

  get count(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }
}

/** From half a millisecond to half a minute: what a message may take on its way. */
export const secondsBounds = [
  0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30,
] as const;
