import { isRefusal, type Refusal } from '@parley/contract/refusals.ts';
import type { ChatId } from '../domain/ids.ts';
import type { ReadChat } from './read-chat.ts';

/** Archived chats that are kept at most; the one that was not asked for for longest makes room. */
export const maxKeptReads = 8;

/**
 * What was read of archived chats, for those who take it in parts: else each part reads and parses the whole log again.
 * Whoever is not among the last few reads again. What is forgotten of people is forgotten here as well.
 */
export class KeptReads {
  /** By who takes it, in the order of last use. */
  readonly #byReader = new Map<object, ReadChat>();
  #timesForgotten = 0;

  get size(): number {
    return this.#byReader.size;
  }

  /** What is kept for this reader, or what `read` brings. */
  async read(reader: object, read: () => Promise<ReadChat | Refusal>): Promise<ReadChat | Refusal> {
    const kept = this.#byReader.get(reader);
    if (kept) {
      this.#keep(reader, kept);
      return kept;
    }
    const timesForgotten = this.#timesForgotten;
    const found = await read();
    // What was forgotten meanwhile may have been read before.
    if (!isRefusal(found) && timesForgotten === this.#timesForgotten) this.#keep(reader, found);
    return found;
  }

  /** The reader has all they wanted. */
  drop(reader: object): void {
    this.#byReader.delete(reader);
  }

  /** These chats are gone. */
  forget(chatIds: readonly ChatId[]): void {
    this.#timesForgotten += 1;
    for (const [reader, { chat }] of this.#byReader) if (chatIds.includes(chat.id)) this.drop(reader);
  }

  #keep(reader: object, found: ReadChat): void {
    this.#byReader.delete(reader);
    const [oldest] = this.#byReader.size >= maxKeptReads ? this.#byReader.keys() : [];
    if (oldest) this.#byReader.delete(oldest);
    this.#byReader.set(reader, found);
  }
}
