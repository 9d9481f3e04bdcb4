import { scrypt, scryptSync } from 'node:crypto';
import type { ScryptCost } from './password-hash.ts';

export interface HashQueueOptions {
  /** Hashes computed at the same time, each on a thread of Node's pool. */
  readonly parallel: number;
  /** Hashes waiting for their turn. One more is refused: `run` returns null. */
  readonly maxWaiting: number;
}

export interface HashInput {
  readonly password: string;
  readonly salt: Buffer;
  readonly length: number;
  readonly cost: ScryptCost;
}

/** N·r·p up to which a hash is computed at once: it takes less than handing it to a thread. Only tests use such costs. */
const costAtOnce = 64;

/** Computes scrypt hashes off the event loop, a few at a time, in the order in which they were asked for. */
export class HashQueue {
  readonly #options: HashQueueOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: HashQueueOptions) {
    this.#options = options;
  }

  /** The hash, or null when too many are waiting already. */
  run(input: HashInput): Promise<Buffer> | null {
    if (this.#running >= this.#options.parallel && this.#waiting.length >= this.#options.maxWaiting)
      return null;
    return new Promise((resolve, reject) => {
      const start = (): void => {
        this.#running++;
        derive(input)
          .then(resolve, reject)
          .finally(() => this.#next());
      };
      if (this.#running < this.#options.parallel) start();
      else this.#waiting.push(start);
    });
  }

  #next(): void {
    this.#running--;
    this.#waiting.shift()?.();
  }
}

async function derive({ password, salt, length, cost: { N, r, p } }: HashInput): Promise<Buffer> {
  // OpenSSL wants a little more than the 128·N·r bytes that scrypt works on.
  const options = { N, r, p, maxmem: 128 * N * r + 128 * r * p + 2 ** 20 };
  if (N * r * p <= costAtOnce) return scryptSync(password, salt, length, options);
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, options, (error, hash) => (error ? reject(error) : resolve(hash)));
  });
}
