import { createHash, type Hash } from 'node:crypto';
import type { StoredChat, StoredRow } from '../stored-contents.ts';

/** How many chats or rows of a table there are, and the SHA-256 of all of them in their order. */
export interface PartDigest {
  readonly count: number;
  readonly sha256: string;
}

/**
 * The checksum of a store's contents, part by part: `logs`, and each table by its name. It is made of what is stored and
 * not of how, so two stores with the same contents have the same one.
 */
export class ContentsDigest {
  readonly #parts = new Map<string, { count: number; readonly hash: Hash }>();

  addChat({ id, live, archived }: StoredChat): void {
    // Parsed and written again: one store keeps pieces of a log, the other whole ones.
    const content = [
      id,
      archived === null ? 'live' : 'archived',
      JSON.parse(archived ?? live ?? '[]') as unknown,
    ];
    this.#add('logs', JSON.stringify(content));
  }

  /** `row` has its columns in the order of the table. */
  addRow(table: string, row: StoredRow): void {
    this.#add(table, JSON.stringify(Object.entries(row)));
  }

  /** The parts, by name; those of which nothing was added are not among them. */
  result(): Readonly<Record<string, PartDigest>> {
    const parts = [...this.#parts].sort(([one], [two]) => (one < two ? -1 : 1));
    return Object.fromEntries(
      parts.map(([name, { count, hash }]) => [name, { count, sha256: hash.copy().digest('hex') }]),
    );
  }

  #add(name: string, text: string): void {
    let part = this.#parts.get(name);
    if (!part) this.#parts.set(name, (part = { count: 0, hash: createHash('sha256') }));
    part.count += 1;
    part.hash.update(`${text}\n`);
  }
}
