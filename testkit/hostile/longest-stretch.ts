/**
 * The longest stretch of processor time in which the event loop did not come round, in milliseconds: what one input has
 * cost at most. A machine that is busy with other things makes no stretch longer.
 */
export class LongestStretch {
  #longestMs = 0;
  /** What it was that took so long. */
  what = '';

  get longestMs(): number {
    return this.#longestMs;
  }

  /** Runs one input's work, which may go on over several turns; each of them counts with the others. */
  async of(what: () => string, work: () => unknown): Promise<void> {
    const before = process.threadCpuUsage();
    await work();
    const { user, system } = process.threadCpuUsage(before);
    const tookMs = (user + system) / 1000;
    if (tookMs <= this.#longestMs) return;
    this.#longestMs = tookMs;
    this.what = what();
  }
}
