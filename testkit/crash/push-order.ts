import type { LogEntry } from './history.ts';

/**
 * The order in which one push session is told of each chat: without a gap and without a repetition, whatever was lost
 * on the way. What somebody who joins is told first is the whole history.
 */
export class PushOrder {
  readonly #last = new Map<string, number>();

  /** A new push session: what was told in between is in the log. */
  startAnew(): void {
    this.#last.clear();
  }

  /** Returns what is wrong with the entries of a notification. */
  next(chatId: string, entries: readonly LogEntry[]): string[] {
    const problems: string[] = [];
    for (const { index } of entries) {
      const last = this.#last.get(chatId);
      if (last !== undefined && index !== last + 1)
        problems.push(`${chatId}: an agent was told of index ${index} after ${last}`);
      this.#last.set(chatId, index);
    }
    return problems;
  }
}
