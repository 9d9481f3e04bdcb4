import { readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { JournalError } from '../journal-error.ts';
import { lacksRoom, noRoomSentence, rollBack } from './disk-room.ts';
import { refuseDamagedLog } from './log-damage.ts';

/** Written into the file's header, so that another program's database is recognised ("PRLY"). */
const applicationId = 0x50524c59;
const pageSizeBytes = 4096;
/** Pages that stay in the cache, and so out of the log, while `growLog` fills it. */
const fillerCachePages = 50;

interface Migration {
  readonly version: number;
  readonly sql: string;
}

/** The schema changes in order; a file `0007-name.sql` makes version 7. */
function readMigrations(): readonly Migration[] {
  const folder = new URL('./migrations/', import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({ version: Number(name.slice(0, 4)), sql: readFileSync(new URL(name, folder), 'utf8') }));
}

/** Options that only tests set, to prove that faults are noticed. */
export interface Faults {
  /** While its first 32-bit integer is 1 the database cannot grow: stands for a full disk. */
  readonly full?: SharedArrayBuffer;
  /** `NORMAL` and `OFF` acknowledge before the disk has the bytes. */
  readonly synchronous?: 'FULL' | 'NORMAL' | 'OFF';
  /** While its first 32-bit integer is 1 no commit goes on: stands for a disk that hangs. */
  readonly gate?: SharedArrayBuffer;
}

/** The newest schema that this program knows. */
export function newestVersion(): number {
  return readMigrations().at(-1)?.version ?? 0;
}

/**
 * Opens the database for writing and brings its schema up to date in one transaction.
 * Throws `JournalError` (`unusable`) when that cannot be done.
 */
export function openForWriting(
  path: string,
  options: { readonly logPages: number; readonly faults: Faults },
): DatabaseSync {
  const { logPages, faults } = options;
  return explained(path, () => {
    const db = new DatabaseSync(path);
    try {
      refuseForeign(db, path);
      refuseDamagedLog(db, path);
      db.exec(`PRAGMA page_size = ${pageSizeBytes}; PRAGMA journal_mode = WAL`);
      // FULL syncs the log before COMMIT returns.
      db.exec(`PRAGMA synchronous = ${faults.synchronous ?? 'FULL'}`);
      // Checkpoints are the writer's, between commits; SQLite's own would run inside one.
      db.exec('PRAGMA wal_autocheckpoint = 0; PRAGMA temp_store = MEMORY');
      // What is removed is overwritten: free pages and rests of pages hold nothing.
      db.exec('PRAGMA secure_delete = ON');
      migrate(db, path);
      renewLog(db, logPages);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** Lets the database grow, or not, as a test wishes. */
export function limitGrowth(db: DatabaseSync, { full }: Faults): void {
  if (!full) return;
  const isFull = Atomics.load(new Int32Array(full), 0) === 1;
  // Less than it has means what it has; the other is SQLite's own limit.
  db.exec(`PRAGMA max_page_count = ${isFull ? 1 : 4_294_967_294}`);
}

/**
 * Moves the write-ahead log into the database and begins a new one, so that no page stays in it as it once was. Returns
 * whether that was possible: not while somebody reads an older state. Throws what SQLite throws; then no transaction is open.
 */
export function renewLog(db: DatabaseSync, pages: number): boolean {
  const isBusy = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] !== 0;
  if (!isBusy) growLog(db, pages);
  return !isBusy;
}

/**
 * Makes the write-ahead log's file as large as it will be, before the first commit: a sync that also has to record a
 * file's new size takes several times as long as one that overwrites. SQLite deletes the file whenever the last
 * connection closes. The pages are those of a transaction too large for the cache, which is rolled back.
 */
function growLog(db: DatabaseSync, pages: number): void {
  try {
    db.exec(`PRAGMA cache_size = ${fillerCachePages}; BEGIN IMMEDIATE; CREATE TABLE filler (content BLOB)`);
    db.exec(`INSERT INTO filler VALUES (zeroblob(${(pages + fillerCachePages) * pageSizeBytes})); ROLLBACK`);
    // A first commit takes the sync of all that.
    db.exec(
      'BEGIN IMMEDIATE; UPDATE journal SET closed = closed WHERE batch_id = (SELECT max(batch_id) FROM journal); COMMIT',
    );
  } finally {
    rollBack(db);
    db.exec('PRAGMA cache_size = -65536');
  }
}

/** Opens the database, which a writer has opened before, for queries only. */
export function openForReading(path: string): DatabaseSync {
  return explained(path, () => {
    const db = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
    db.exec('PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY');
    return db;
  });
}

/**
 * Takes the lock that keeps a second server out of the same data. It is a lock of the operating system on a file of
 * its own, so it ends with the process however that dies. Throws `JournalError` when somebody else holds it.
 */
export function lockStore(path: string): DatabaseSync {
  const lockPath = `${path}-lock`;
  return explained(path, () => {
    const lock = new DatabaseSync(lockPath, { timeout: 0 });
    try {
      lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
      return lock;
    } catch (error) {
      lock.close();
      throw error;
    }
  });
}

/** A setting of the database that is a number. */
export function pragmaNumber(db: DatabaseSync, name: string): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}

/** Throws `JournalError` when the database is another program's. */
export function refuseForeign(db: DatabaseSync, path: string): void {
  const id = pragmaNumber(db, 'application_id');
  const isEmpty = db.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.['tables'] === 0;
  if (id === applicationId || (id === 0 && isEmpty)) return;
  throw new JournalError(
    'unusable',
    `${path} is a database of another program; choose another data folder or move the file away.`,
  );
}

function migrate(db: DatabaseSync, path: string): void {
  const migrations = readMigrations();
  const newest = migrations.at(-1)?.version ?? 0;
  const version = pragmaNumber(db, 'user_version');
  if (version > newest)
    throw new JournalError(
      'unusable',
      `${path} was written by a newer Parley (schema ${version}, this one knows ${newest}); upgrade Parley or restore an older copy of the data.`,
    );
  if (version === newest) return;
  db.exec('BEGIN IMMEDIATE');
  for (const migration of migrations) if (migration.version > version) db.exec(migration.sql);
  db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${newest}; COMMIT`);
}

/** Primary result codes of SQLite (sqlite.org/rescode.html) and what an operator can do about them. */
const advice: Readonly<Record<number, string>> = {
  5: 'is in use by another Parley; stop that one or choose another data folder.',
  8: 'cannot be written; check the permissions of the file and its folder.',
  10: 'cannot be read or written: the disk reports an error.',
  11: 'is damaged; restore it from a backup.',
  14: 'cannot be opened; check that its folder exists and can be written by this user.',
  26: 'is not a database; choose another data folder or move the file away.',
};

const damagedCode = 11;

/** Throws what `open` throws as a `JournalError` with one sentence for the operator. */
export function explained<Result>(path: string, open: () => Result): Result {
  try {
    return open();
  } catch (error) {
    if (error instanceof JournalError || !(error instanceof Error)) throw error;
    if (lacksRoom(path, error)) throw new JournalError('unusable', noRoomSentence(path));
    const code = primaryCode(error);
    throw new JournalError('unusable', `${path} ${advice[code] ?? `cannot be opened: ${error.message}.`}`);
  }
}

function primaryCode(error: Error): number {
  return 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : -1;
}

/** What the operator is told when pages or rows are not what was written; null when the error is another one. */
export function damageSentence(path: string, error: unknown): string | null {
  if (error instanceof JournalError && error.code === 'damaged')
    return `${path} is damaged: ${error.message}; restore it from a backup.`;
  return error instanceof Error && primaryCode(error) === damagedCode
    ? `${path} ${advice[damagedCode]}`
    : null;
}
