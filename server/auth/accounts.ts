import type { AgentId, RandomBytes } from '../domain/ids.ts';
import type { CredentialCache } from './credential-cache.ts';
import type { HashQueue } from './hash-queue.ts';
import type { LoginSessions } from './login-sessions.ts';
import { defaultCost, formatPasswordHash, parsePasswordHash, type ScryptCost } from './password-hash.ts';
import { hashPassword, type Passwords } from './passwords.ts';
import type { SignInThrottle } from './throttle.ts';

export interface AccountsParts {
  readonly passwords: Passwords;
  readonly throttle: SignInThrottle;
  readonly cache: CredentialCache;
  readonly sessions: LoginSessions;
  readonly queue: HashQueue;
  readonly random: RandomBytes;
  readonly cost?: ScryptCost;
}

/** An account as it is after a change; without `passwordHash` the password stays what it was. */
export interface ChangedAccount {
  readonly id: AgentId;
  readonly userName: string;
  readonly passwordHash?: string | undefined;
  readonly enabled: boolean;
}

/** Who can sign in, while the server runs: follows the changes of the set-up. */
export class Accounts {
  readonly #parts: AccountsParts;

  constructor(parts: AccountsParts) {
    this.#parts = parts;
  }

  /** The text under which a password is stored. Throws when too many are waiting to be hashed. */
  async hash(password: string): Promise<string> {
    const { random, queue, cost } = this.#parts;
    return formatPasswordHash(await hashPassword(password, { random, queue, ...(cost && { cost }) }));
  }

  /** Adds an account or changes it. Its sessions end when its password changed or it may not sign in any more. */
  put(account: ChangedAccount, before: ChangedAccount | undefined): void {
    const { passwords, throttle, cost = defaultCost } = this.#parts;
    const { id, userName, passwordHash, enabled } = account;
    const stored =
      passwordHash === undefined ? undefined : parsePasswordHash(passwordHash, Math.min(cost.N, 2 ** 14));
    if (typeof stored === 'string') throw new Error(`account ${userName}: ${stored}`);
    passwords.put({ id, userName, enabled, ...(stored && { stored }) });
    throttle.add(userName);
    if (!enabled || (before && before.passwordHash !== passwordHash)) this.#signOut(id);
  }

  /** Removes an account: nobody signs in with it, and who is signed in is so no more. */
  remove(account: Pick<ChangedAccount, 'id' | 'userName'>): void {
    const { passwords, throttle } = this.#parts;
    passwords.remove(account.userName, account.id);
    if (!passwords.has(account.userName)) throttle.remove(account.userName);
    this.#signOut(account.id);
  }

  #signOut(id: AgentId): void {
    this.#parts.cache.dropAgent(id);
    this.#parts.sessions.endAllOf(id);
  }
}
