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
  /** The work of checking a password that was given in the clear; default `defaultCost`. */
  readonly cost?: ScryptCost;
}

/** Whose password it is; null: nobody's; 'Busy': too many are waiting, nothing was checked. */
export type PasswordVerdict = AgentId | null | 'Busy';

/** A password that was given in the clear: its digest under a key of this run, and the work that checking it takes. */
interface ClearPassword extends ScryptCost {
  readonly salt: Buffer;
  readonly digest: Buffer;
}

type StoredPassword = PasswordHash | ClearPassword;

/**
 * The passwords of everybody. A wrong password and an unknown name take the same work: an unknown name is checked against
 * a hash of nothing, at the cost of an account that the name picks by a secret key, so that unknown names take the times
 * that known ones take, and each name always the same. One that was given in the clear is not hashed in advance, for the
 * configuration has it anyway and a start would take some 100 ms for each; what is given for it is hashed all the same.
 */
export class Passwords {
  readonly #queue: HashQueue;
  readonly #accounts: Map<string, { readonly id: AgentId; readonly stored: StoredPassword }>;
  /** Those who may not sign in for now; their hash is kept for the day they may. */
  readonly #disabled = new Set<AgentId>();
  readonly #decoys: readonly PasswordHash[];
  readonly #key: Uint8Array;

  /** Throws when an account has no password, or a hash that cannot be read. */
  constructor({ accounts, random, queue, cost = defaultCost }: PasswordsOptions) {
    this.#queue = queue;
    this.#key = random(32);
    const salt = (): Buffer => Buffer.from(random(saltBytes));
    const storedOf = (account: Account): StoredPassword =>
      account.password === undefined
        ? givenHash(account)
        : { ...cost, salt: salt(), digest: this.#digest(account.password) };
    this.#accounts = new Map(
      accounts.map((account) => [account.userName, { id: account.id, stored: storedOf(account) }]),
    );
    const costs =
      accounts.length > 0 ? [...this.#accounts.values()].map(({ stored }) => stored) : [defaultCost];
    this.#decoys = costs.map(({ N, r, p }) => {
      return { N, r, p, salt: salt(), hash: Buffer.from(random(hashBytes)) };
    });
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
    const length = 'hash' in against ? against.hash.length : hashBytes;
    const computed = await this.#queue.run({ password, salt: against.salt, length, cost: against });
    if (!computed) return 'Busy';
    const right =
      'hash' in against
        ? timingSafeEqual(computed, against.hash)
        : timingSafeEqual(this.#digest(password), against.digest);
    return right && account && !this.#disabled.has(account.id) ? account.id : null;
  }

  #digest(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest();
  }

  #decoyFor(userName: string): PasswordHash {
    const decoy = this.#decoys[this.#digest(userName).readUInt32BE(0) % this.#decoys.length];
    if (!decoy) throw new Error('there is always a decoy');
    return decoy;
  }
}

function givenHash({ userName, passwordHash }: Account): PasswordHash {
  if (passwordHash === undefined) throw new Error(`account ${userName} has no password`);
  const stored = parsePasswordHash(passwordHash);
  if (typeof stored === 'string') throw new Error(`account ${userName}: ${stored}`);
  return stored;
}
