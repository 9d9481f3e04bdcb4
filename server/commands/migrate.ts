import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { JournalError } from '../journal/journal-error.ts';
import { copyStore, type StoreTarget } from '../journal/migrate/copy-store.ts';
import { openSqliteTarget } from '../journal/sqlite/copy-target.ts';
import { lockStore } from '../journal/sqlite/database.ts';
import { UsageError, type CommandContext } from './command.ts';
import { locationOf, openContents, type StoreLocation } from './store-location.ts';

/** `parley migrate`: copies a store that no server uses into an empty one, of the other kind or of the same. */
export async function run({ args, print }: CommandContext): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { from: { type: 'string' }, to: { type: 'string' } },
  });
  const { from, to } = values;
  if (from === undefined || to === undefined) throw new UsageError('Both --from and --to are needed.');
  const source = locationOf(from);
  const unlock = await lockSource(source);
  try {
    const contents = await openContents(source);
    try {
      const target = await openTarget(locationOf(to));
      try {
        const parts = await copyStore(contents, target);
        for (const [name, { count, sha256 }] of Object.entries(parts)) print(`${name} ${count} ${sha256}\n`);
        print(`${contents.name} was copied to ${target.name}; both have these checksums.\n`);
        return 0;
      } finally {
        await target.close();
      }
    } finally {
      await contents.close();
    }
  } finally {
    await unlock();
  }
}

async function openTarget(location: StoreLocation): Promise<StoreTarget> {
  if (location.kind === 'file') return openSqliteTarget(location.path);
  const { openPostgresTarget } = await import('../journal/postgres/copy-target.ts');
  return openPostgresTarget(location.url);
}

/** What a server wrote after the copy would be missing in it: none may run on the source. */
async function lockSource(location: StoreLocation): Promise<() => Promise<void>> {
  if (location.kind === 'database') {
    const { lockDatabase } = await import('../journal/postgres/store-lock.ts');
    return lockDatabase(location.url);
  }
  if (!existsSync(location.path))
    throw new JournalError('unusable', `There is no database at ${location.path}.`);
  const lock = lockStore(location.path);
  return () => Promise.resolve(lock.close());
}
