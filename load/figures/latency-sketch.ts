/** One bucket that holds something: latencies up to `untilMs`, above the bucket before. */
export interface Bucket {
  readonly untilMs: number;
  readonly count: number;
}

/**
 * Latencies as counts in buckets that grow by 2 % each, so that a run of any length takes the same memory and two runs
 * can be compared. A quantile is exact to 2 %; anything beyond the last bucket (about 27 minutes) counts in it.
 */
export class LatencySketch {
  static readonly #growth = Math.log(1.02);
  static readonly #bucketCount = 1072;
  readonly #counts = new Float64Array(LatencySketch.#bucketCount);
  #total = 0;
  #maxUs = 0;

  /** Adds one latency in microseconds; a negative one (two clocks a tick apart) counts as the smallest. */
  add(latencyUs: number): void {
    const bucket = latencyUs <= 1 ? 0 : Math.floor(Math.log(latencyUs) / LatencySketch.#growth);
    const index = Math.min(bucket, LatencySketch.#bucketCount - 1);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#total += 1;
    if (latencyUs > this.#maxUs) this.#maxUs = latencyUs;
  }

  /** How many latencies were added since the last `clear`. */
  get total(): number {
    return this.#total;
  }

  /** The longest, exactly; 0 when nothing was added. */
  get maxMs(): number {
    return this.#maxUs / 1000;
  }

  /** The latency in milliseconds that the share `quantile` (0 to 1) stays under; 0 when nothing was added. */
  quantileMs(quantile: number): number {
    const rank = Math.ceil(this.#total * quantile);
    let seen = 0;
    for (let index = 0; index < this.#counts.length; index += 1) {
      seen += this.#counts[index] ?? 0;
      if (seen >= rank && seen > 0)
        return Math.min(Math.exp((index + 0.5) * LatencySketch.#growth), this.#maxUs) / 1000;
    }
    return 0;
  }

  /** The buckets that hold something, from short to long. */
  buckets(): readonly Bucket[] {
    const buckets: Bucket[] = [];
    for (const [index, count] of this.#counts.entries())
      if (count > 0) buckets.push({ untilMs: Math.exp((index + 1) * LatencySketch.#growth) / 1000, count });
    return buckets;
  }

  /** Forgets everything, for the end of a warm-up. */
  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
    this.#maxUs = 0;
  }
}
