import { randomBytes } from 'node:crypto';
import { stdin } from 'node:process';
import { text } from 'node:stream/consumers';
import { HashQueue } from './auth/hash-queue.ts';
import { formatPasswordHash } from './auth/password-hash.ts';
import { hashPassword } from './auth/passwords.ts';

// Reads a password from standard input and prints what `passwordHash` in the configuration takes.
const password = (await text(stdin)).replace(/\r?\n$/, '');
if (password === '') {
  process.stderr.write('Give the password on standard input.\n');
  process.exitCode = 1;
} else {
  const queue = new HashQueue({ parallel: 1, maxWaiting: 0 });
  process.stdout.write(
    `${formatPasswordHash(await hashPassword(password, { random: randomBytes, queue }))}\n`,
  );
}
