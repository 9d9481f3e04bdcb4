import { exponential, type Random } from './seeded-random.ts';

/** Messages that fell due and found no customer who could send them; more are not sent at all, and counted. */
const mostWaiting = 20_000;

/** How often it is looked what has fallen due. Messages keep the moment when they were due. */
const lookEveryMs = 5;

export interface ArrivalsOptions {
  /** Messages a second. */
  readonly rate: number;
  readonly random: Random;
  readonly now: () => number;
  readonly onDropped: () => void;
}

/**
 * The open loop: messages fall due as a Poisson process, whatever became of those before. Whoever can send takes the one
 * that has waited longest; its latency counts from the moment it was due.
 */
export class Arrivals {
  readonly #options: ArrivalsOptions;
  readonly #due: number[] = [];
  readonly #takers: ((dueAtMs: number | undefined) => void)[] = [];
  #nextAtMs: number;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(options: ArrivalsOptions) {
    this.#options = options;
    this.#nextAtMs = options.now();
  }

  start(): void {
    this.#nextAtMs = this.#options.now();
    this.#timer = setInterval(() => this.#look(), lookEveryMs);
  }

  /** Everybody who waits is sent home. */
  stop(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
    for (const take of this.#takers.splice(0)) take(undefined);
  }

  /** Resolves with the moment at which the message was due; with nothing when the loop has stopped. */
  take(): Promise<number | undefined> {
    if (this.#isOver) return Promise.resolve(undefined);
    const dueAtMs = this.#due.shift();
    if (dueAtMs !== undefined) return Promise.resolve(dueAtMs);
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  #look(): void {
    const { rate, random, now, onDropped } = this.#options;
    while (this.#nextAtMs <= now()) {
      const taker = this.#takers.shift();
      if (taker) taker(this.#nextAtMs);
      else if (this.#due.length < mostWaiting) this.#due.push(this.#nextAtMs);
      else onDropped();
      this.#nextAtMs += exponential(random, 1000 / rate);
    }
  }
}
