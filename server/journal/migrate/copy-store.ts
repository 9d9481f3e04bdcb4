import { JournalError } from '../journal-error.ts';
import type { StoredChat, StoredContents, StoredRow, StoredTable } from '../stored-contents.ts';
import { ContentsDigest, type PartDigest } from './contents-digest.ts';

/** Where a store is copied to. Until `publish` nobody else sees anything of it. */
export interface StoreTarget {
  readonly name: string;
  /** The tables it has; those of the source must be the same. */
  readonly tables: readonly StoredTable[];
  addRows(table: StoredTable, rows: readonly StoredRow[]): Promise<void>;
  /** After all rows. */
  addChats(chats: readonly StoredChat[]): Promise<void>;
  /** Makes what is derived from the rest, and lets everything be read as it will be. */
  contents(): Promise<StoredContents>;
  /** All of it is there for good and for everybody when resolved. */
  publish(): Promise<void>;
  /** Nothing of it remains. After `publish` it only closes. */
  close(): Promise<void>;
}

/** Rows and characters of logs that are in memory at a time, besides one log. */
const rowsAtOnce = 500;
const lengthAtOnce = 2 * 1024 * 1024;

/**
 * Copies everything from one store to another, reads the copy back and publishes it when its checksum is that of the
 * source. Throws `JournalError` when it is not, or the stores have different tables; then there is no copy.
 */
export async function copyStore(
  source: StoredContents,
  target: StoreTarget,
): Promise<Readonly<Record<string, PartDigest>>> {
  if (JSON.stringify(source.tables) !== JSON.stringify(target.tables))
    throw new JournalError('unusable', `${source.name} and ${target.name} do not have the same tables.`);
  const [damage] = await source.damage();
  // A copy would have a right checksum of what is wrong.
  if (damage !== undefined)
    throw new JournalError('damaged', `${source.name} is damaged: ${damage}; restore it from a backup.`);
  const read = new ContentsDigest();
  for (const table of source.tables)
    for await (const rows of inBatches(source.rows(table), () => 0)) {
      for (const row of rows) read.addRow(table.name, row);
      await target.addRows(table, rows);
    }
  for await (const chats of inBatches(source.chats(), lengthOf)) {
    for (const chat of chats) read.addChat(chat);
    await target.addChats(chats);
  }
  const [expected, found] = [read.result(), await digestOf(await target.contents())];
  const different = Object.keys({ ...expected, ...found }).filter(
    (part) => expected[part]?.sha256 !== found[part]?.sha256,
  );
  if (different.length > 0)
    throw new JournalError(
      'failed',
      `The copy in ${target.name} differs from ${source.name} in ${different.join(', ')}; it was not kept.`,
    );
  await target.publish();
  return expected;
}

/** The checksum of a whole store. */
export async function digestOf(contents: StoredContents): Promise<Readonly<Record<string, PartDigest>>> {
  const digest = new ContentsDigest();
  for (const table of contents.tables)
    for await (const row of contents.rows(table)) digest.addRow(table.name, row);
  for await (const chat of contents.chats()) digest.addChat(chat);
  return digest.result();
}

function lengthOf({ live, archived }: StoredChat): number {
  return (live?.length ?? 0) + (archived?.length ?? 0);
}

async function* inBatches<Item>(
  items: AsyncIterable<Item>,
  length: (item: Item) => number,
): AsyncGenerator<readonly Item[]> {
  let batch: Item[] = [];
  let total = 0;
  for await (const item of items) {
    batch.push(item);
    total += length(item);
    if (batch.length < rowsAtOnce && total < lengthAtOnce) continue;
    yield batch;
    batch = [];
    total = 0;
  }
  if (batch.length > 0) yield batch;
}
