/** The cost of a scrypt hash: `N` a power of two, memory 128·N·r bytes, time proportional to N·r·p. */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** A stored password: the cost it was made with, the salt, the hash. */
export interface PasswordHash extends ScryptCost {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** What new hashes cost: 32 MiB and some 100 ms of one core, off the event loop. */
export const defaultCost: ScryptCost = { N: 2 ** 15, r: 8, p: 1 };

const leastN = 2 ** 14;
const mostMemoryBytes = 256 * 2 ** 20;
const mostWork = 2 ** 24;

/**
 * Reads `scrypt$N$r$p$salt$hash` (salt and hash in base64, at least 16 and 32 bytes), or says what is wrong with it.
 * `least` is the smallest N that is let in: cheaper than the default only for hashes of our own making, in tests.
 */
export function parsePasswordHash(text: string, least: number = leastN): PasswordHash | string {
  const parts = text.split('$');
  if (parts.length !== 6 || parts[0] !== 'scrypt') return 'found no hash of the form scrypt$N$r$p$salt$hash';
  const [N = 0, r = 0, p = 0] = parts.slice(1, 4).map((part) => (/^\d{1,8}$/.test(part) ? Number(part) : 0));
  if (N < least || (N & (N - 1)) !== 0)
    return `the hash has N=${N}; allowed: a power of two of at least ${least}`;
  if (r < 1 || p < 1 || 128 * N * r > mostMemoryBytes || N * r * p > mostWork) {
    return `the hash has r=${r}, p=${p}; allowed: at least 1, 128·N·r at most 256 MiB, N·r·p at most ${mostWork}`;
  }
  const [salt, hash] = parts.slice(4).map((part) => Buffer.from(part, 'base64'));
  if (!salt || !hash || salt.length < 16 || hash.length < 32) {
    return 'the hash is incomplete; needed: a salt of at least 16 and a hash of at least 32 bytes, in base64';
  }
  return { N, r, p, salt, hash };
}

/** The text that `parsePasswordHash` reads. */
export function formatPasswordHash({ N, r, p, salt, hash }: PasswordHash): string {
  return ['scrypt', N, r, p, salt.toString('base64'), hash.toString('base64')].join('$');
}
