import { randomBytes } from 'node:crypto';

/** 160 random bits in 40 hexadecimal digits: a clientId or a browser cookie nobody guesses. */
export function randomToken(): string {
  return randomBytes(20).toString('hex');
}
