import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AgentId, RandomBytes } from '../domain/ids.ts';
import type { HashQueue } from './hash-queue.ts';
import { defaultCost, parsePasswordHash, type PasswordHash, type ScryptCost } from './password-hash.ts';

const saltBytes = 16;
const hashBytes = 32;

/** Hashes a password with a fresh salt. Throws when the queue is full. */
export async function hashPassword(
  password: string,
  tools: { readonly random: RandomBytes; readonly queue: HashQueue; readonly cost?: ScryptCost },
): Promise<PasswordHash> {
  const { random, queue, cost = defaultCost } = tools;
  const salt = Buffer.from(random(saltBytes));
  const hash = await queue.run({ password, salt, length: hashBytes, cost });
  if (!hash) throw new Error('too many passwords are waiting to be hashed');
  return { ...cost, salt, hash };
}

/** Somebody who can sign in; exactly one of `password` and `passwordHash` is there. */
export interface Account {
  readonly id: AgentId;
  readonly userName: string;
  readonly password?: string;
  readonly passwordHash?: string;
}

export interface PasswordsOptions {
  readonly accounts: readonly Account[];
  readonly random: RandomBytes;
  readonly queue: HashQueue;
  /** The cost at which passwords given in the clear are hashed at start; default `defaultCost`. */
  readonly cost?: ScryptCost;
}

/** Whose password it is; null: nobody's; 'Busy': too many are waiting, nothing was checked. */
export type PasswordVerdict = AgentId | null | 'Busy';

/**
 * The passwords of everybody, hashed. A wrong password and an unknown name take the same work: an unknown name is
 * checked against a hash of nothing, at the cost of an account that the name picks by a secret key, so that unknown
 * names take the times that known ones take, and each name always the same.
 */
export class Passwords {
  readonly #queue: HashQueue;
  readonly #accounts: Map<string, { readonly id: AgentId; readonly stored: PasswordHash }>;
  /** Those who may not sign in for now; their hash is kept for the day they may. */
  readonly #disabled = new Set<AgentId>();
  readonly #decoys: readonly PasswordHash[];
  readonly #key: Uint8Array;

  private constructor(
    queue: HashQueue,
    random: RandomBytes,
    hashed: readonly (readonly [Account, PasswordHash])[],
  ) {
    this.#queue = queue;
    this.#key = random(32);
    this.#accounts = new Map(hashed.map(([{ userName, id }, stored]) => [userName, { id, stored }]));
    const costs = hashed.length > 0 ? hashed.map(([, stored]) => stored) : [defaultCost];
    this.#decoys = costs.map(({ N, r, p }) => {
      return { N, r, p, salt: Buffer.from(random(saltBytes)), hash: Buffer.from(random(hashBytes)) };
    });
  }

  /** Hashes the passwords that are given in the clear, one after the other: some 100 ms each at the default cost. */
  static async create(options: PasswordsOptions): Promise<Passwords> {
    const hashed: [Account, PasswordHash][] = [];
    for (const account of options.accounts) hashed.push([account, await hashOf(account, options)]);
    return new Passwords(options.queue, options.random, hashed);
  }

  has(userName: string): boolean {
    return this.#accounts.has(userName);
  }

  /** Adds an account, or gives it another hash; without one only `enabled` changes. */
  put(account: {
    readonly id: AgentId;
    readonly userName: string;
    readonly stored?: PasswordHash;
    readonly enabled: boolean;
  }): void {
    const { id, userName, stored, enabled } = account;
    if (stored) this.#accounts.set(userName, { id, stored });
    if (enabled) this.#disabled.delete(id);
    else this.#disabled.add(id);
  }

  /** Removes the account of this id; one of the same name and another id stays. */
  remove(userName: string, id: AgentId): void {
    this.#disabled.delete(id);
    if (this.#accounts.get(userName)?.id === id) this.#accounts.delete(userName);
  }

  /** The id behind the name, if there is such an account; says nothing about the password. */
  idOf(userName: string): AgentId | undefined {
    return this.#accounts.get(userName)?.id;
  }

  async verify(userName: string, password: string): Promise<PasswordVerdict> {
    const account = this.#accounts.get(userName);
    const against = account?.stored ?? this.#decoyFor(userName);
    const { salt, hash } = against;
    const computed = await this.#queue.run({ password, salt, length: hash.length, cost: against });
    if (!computed) return 'Busy';
    const right = timingSafeEqual(computed, hash);
    return right && account && !this.#disabled.has(account.id) ? account.id : null;
  }

  #decoyFor(userName: string): PasswordHash {
    const pick =
      createHmac('sha256', this.#key).update(userName).digest().readUInt32BE(0) % this.#decoys.length;
    const decoy = this.#decoys[pick];
    if (!decoy) throw new Error('there is always a decoy');
    return decoy;
  }
}

async function hashOf(account: Account, { random, queue, cost }: PasswordsOptions): Promise<PasswordHash> {
  if (account.passwordHash !== undefined) {
    const stored = parsePasswordHash(account.passwordHash);
    if (typeof stored === 'string') throw new Error(`account ${account.userName}: ${stored}`);
    return stored;
  }
  if (account.password === undefined) throw new Error(`account ${account.userName} has no password`);
  return hashPassword(account.password, { random, queue, ...(cost && { cost }) });
}
