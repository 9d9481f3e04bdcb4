import { createHash } from 'node:crypto';
import type { AgentId, RandomBytes } from '../domain/ids.ts';
import type { ScryptCost } from './password-hash.ts';

/** Randomness for tests: the same bytes in every run, different ones in every call. */
export function seededRandom(seed: string): RandomBytes {
  let calls = 0;
  return (count) => {
    const bytes = Buffer.alloc(count);
    for (let at = 0; at < count; at += 32) {
      createHash('sha256').update(`${seed}:${calls}:${at}`).digest().copy(bytes, at);
    }
    calls++;
    return bytes;
  };
}

/** So cheap that a test can afford hundreds; no configured hash may be. */
export const cheapCost: ScryptCost = { N: 2, r: 1, p: 1 };

export const marat = 'a'.repeat(32) as AgentId;
export const kristi = 'b'.repeat(32) as AgentId;

export const basic = (userName: string, password: string): string =>
  `Basic ${Buffer.from(`${userName}:${password}`).toString('base64')}`;
