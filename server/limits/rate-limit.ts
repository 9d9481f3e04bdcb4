import { RecentMap } from './recent-map.ts';

/** So many at once, and then so many in each period. A count of 0 limits nothing. */
export interface Rate {
  readonly count: number;
  readonly periodMs: number;
  readonly burst: number;
}

/** When the bucket is full again, in milliseconds of the clock: all that has to be known of a bucket. */
interface Bucket {
  fullAtMs: number;
}

/**
 * Token buckets, one a key, as the generic cell rate algorithm: no timers, one number a key. At most `maxKeys` are watched; the
 * ones that were asked for longest ago are forgotten, and then have their whole burst again.
 */
export class RateLimit {
  readonly #buckets: RecentMap<Bucket>;
  /** How long one token takes to come back; 0 without a limit. */
  readonly #tokenMs: number;
  readonly #burstMs: number;
  /** How often it said no. */
  refused = 0;

  constructor(rate: Rate, maxKeys: number) {
    this.#buckets = new RecentMap(maxKeys);
    this.#tokenMs = rate.count === 0 ? 0 : rate.periodMs / rate.count;
    this.#burstMs = this.#tokenMs * Math.max(1, rate.burst);
  }

  /** Keys watched now. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes a token: 0 when there was one, else the milliseconds until there is, at least 1. A refusal takes nothing. */
  take(key: string, nowMs: number): number {
    if (this.#tokenMs === 0) return 0;
    const bucket = this.#buckets.get(key);
    if (!bucket) {
      this.#buckets.set(key, { fullAtMs: nowMs + this.#tokenMs });
      return 0;
    }
    // A clock that was set back must not shut anybody out for longer than the whole bucket takes.
    bucket.fullAtMs = Math.min(Math.max(bucket.fullAtMs, nowMs), nowMs + this.#burstMs);
    const waitMs = bucket.fullAtMs + this.#tokenMs - nowMs - this.#burstMs;
    // Less than a thousandth is what adding up broken numbers leaves.
    if (waitMs > 0.001) {
      this.refused += 1;
      return Math.max(1, Math.ceil(waitMs));
    }
    bucket.fullAtMs += this.#tokenMs;
    return 0;
  }
}
