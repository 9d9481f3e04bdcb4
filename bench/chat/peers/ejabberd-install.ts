import { existsSync, globSync, readFileSync } from 'node:fs';

/** The tables, as Debian's package `ejabberd` brings them. */
export const ejabberdTables = '/usr/share/ejabberd/sql/pg.sql';
const starter = '/usr/sbin/ejabberdctl';

/** Whether Debian's packages `ejabberd` and `erlang-p1-pgsql` are there; says so once when they are not. */
export function hasEjabberd(): boolean {
  const pgsql = globSync('/usr/lib/erlang/lib/p1_pgsql-*');
  if (existsSync(ejabberdTables) && existsSync(starter) && pgsql.length > 0) return true;
  console.log('There is no ejabberd to measure; install the packages ejabberd and erlang-p1-pgsql.');
  return false;
}

/** Where its libraries are, as its own starter says. */
export function ejabberdLibraries(): string {
  const libraries = /^ERL_LIBS='(.+)'$/m.exec(readFileSync(starter, 'utf8'))?.[1];
  if (libraries === undefined) throw new Error(`${starter} does not say where the libraries are`);
  return libraries;
}
