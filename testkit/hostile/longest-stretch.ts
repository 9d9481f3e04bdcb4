/** The processor time that this thread has had so far, in milliseconds. */
export function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/**
 * The most processor time of the thread with the event loop that one input has cost, in milliseconds. A machine that is
 * busy with other things makes it no longer.
 */
export class LongestStretch {
  readonly #threadMs: () => number | Promise<number>;
  #longestMs = 0;
  /** What it was that took so long. */
  what = '';

  /** `ofThread`: the processor time that the thread has had so far; this one's unless another is meant. */
  constructor(ofThread: () => number | Promise<number> = threadMs) {
    this.#threadMs = ofThread;
  }

  get longestMs(): number {
    return this.#longestMs;
  }

  /** Runs one input's work, which may go on over several turns; each of them counts with the others. */
  async of(what: () => string, work: () => unknown): Promise<void> {
    const before = await this.#threadMs();
    await work();
    const tookMs = (await this.#threadMs()) - before;
    if (tookMs <= this.#longestMs) return;
    this.#longestMs = tookMs;
    this.what = what();
  }
}
