import { JournalError } from '../journal-error.ts';

/**
 * What operators are told a database is: user, host, port and name, never the password. Throws `JournalError` when the
 * URL cannot be read; what it says does not repeat it, for a password may stand in it.
 */
export function databaseAddress(url: string): string {
  const read = URL.parse(url);
  if (!read || !/^postgres(ql)?:$/.test(read.protocol))
    throw new JournalError(
      'unusable',
      'The URL of the database cannot be read; it is written postgres://user:password@host:5432/database.',
    );
  const { searchParams } = read;
  const user = decodeURIComponent(read.username) || (searchParams.get('user') ?? '');
  const host = searchParams.get('host') ?? (read.hostname || 'localhost');
  const port = searchParams.get('port') ?? (read.port || '5432');
  return `${user && `${user}@`}${host}:${port}/${read.pathname.slice(1) || user}`;
}
