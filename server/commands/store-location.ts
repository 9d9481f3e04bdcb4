import { readFile } from 'node:fs/promises';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import type { StoredContents } from '../journal/stored-contents.ts';
import { openSqliteContents } from '../journal/sqlite/contents.ts';
import { databaseFile } from '../open-store.ts';
import { UsageError, type CommandContext } from './command.ts';

/** Where a store is: the file of the embedded one, or the URL of a database. */
export type StoreLocation =
  { readonly kind: 'file'; readonly path: string } | { readonly kind: 'database'; readonly url: string };

/** A URL, a data folder, or a database file such as a backup. */
export function locationOf(name: string): StoreLocation {
  if (/^postgres(ql)?:\/\//.test(name)) return { kind: 'database', url: name };
  const isFile = existsSync(name) && statSync(name).isFile();
  return { kind: 'file', path: isFile ? name : databaseFile(name) };
}

/** What the command is about: what its options name, else what a server started here would use. */
export interface Chosen {
  readonly location: StoreLocation;
  /** Where the bytes of files are; null when nobody said. */
  readonly filesFolder: string | null;
}

/** Throws `UsageError` and `ConfigError`. */
export async function chosenStore(
  { env }: CommandContext,
  options: { readonly database?: string | undefined; readonly dataFolder?: string | undefined },
): Promise<Chosen> {
  const { database, dataFolder } = options;
  const files = dataFolder === undefined ? null : filesFolderOf(dataFolder);
  if (database !== undefined) {
    const location = locationOf(database);
    if (location.kind === 'file')
      throw new UsageError('--database takes a URL such as postgres://host/database.');
    return { location, filesFolder: files };
  }
  if (dataFolder !== undefined) return { location: locationOf(dataFolder), filesFolder: files };
  const config = await readConfiguration(env);
  const { url } = config.database;
  return {
    location: url === null ? locationOf(config.dataFolder) : { kind: 'database', url },
    filesFolder: filesFolderOf(config.dataFolder),
  };
}

/** A backup of the database stands by itself: then nothing is known of files. */
function filesFolderOf(dataFolder: string): string | null {
  return existsSync(dataFolder) && statSync(dataFolder).isFile() ? null : join(dataFolder, 'files');
}

function readConfiguration(env: CommandContext['env']): Promise<Config> {
  return loadConfig({
    env,
    readFile: (path) => readFile(path, 'utf8'),
    machine: { timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone },
  });
}

/** Opens a store to be read. Throws `JournalError`. */
export async function openContents(location: StoreLocation): Promise<StoredContents> {
  if (location.kind === 'file') return openSqliteContents(location.path);
  const { openPostgresContents } = await import('../journal/postgres/contents.ts');
  return openPostgresContents(location.url);
}
