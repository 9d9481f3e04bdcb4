import { join } from 'node:path';
import type { Config } from './config/config.ts';
import type { RoomListener } from './journal/group-commit.ts';
import type { JournalError } from './journal/journal-error.ts';
import type { Journal } from './journal/journal.ts';
import { databaseAddress } from './journal/postgres/database-address.ts';
import type { Faults } from './journal/sqlite/database.ts';
import type { SqliteLimits } from './journal/sqlite/limits.ts';
import { openSqliteJournal } from './journal/sqlite/open.ts';

/** The file of the embedded store. */
export function databaseFile(dataFolder: string): string {
  return join(dataFolder, 'parley.db');
}

/** What the store is called for operators; never with a password. */
export function storeName({ database, dataFolder }: Config): string {
  return database.url === null ? dataFolder : databaseAddress(database.url);
}

export interface StoreOptions {
  readonly onFatal: (error: JournalError) => void;
  /** Called when a commit finds no room on the disk, and when there is room again. */
  readonly onFull?: RoomListener;
  /** See the embedded store. */
  readonly onDamage?: (error: JournalError) => void;
  /** Of the embedded store, for tests only. */
  readonly faults?: Faults;
  readonly limits?: Partial<SqliteLimits>;
}

/**
 * The store that the configuration names: PostgreSQL when it has a URL, else the file in the data folder. `onFatal` is
 * called once when it has failed. Throws `JournalError` when it cannot be used.
 */
export async function openStore(config: Config, options: StoreOptions): Promise<Journal> {
  const { url, ...limits } = config.database;
  if (url === null) return openSqliteJournal({ ...options, path: databaseFile(config.dataFolder) });
  // Loaded when it is needed: most starts do without.
  const { openPostgresJournal } = await import('./journal/postgres/open.ts');
  return openPostgresJournal({ url, limits, onFatal: options.onFatal, onFull: options.onFull });
}
