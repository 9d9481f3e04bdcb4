import { createHmac, timingSafeEqual } from 'node:crypto';
import { refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { Claim } from './basic-header.ts';
import { HashQueue } from './hash-queue.ts';
import { parsePasswordHash } from './password-hash.ts';
import type { RandomBytes } from '../domain/ids.ts';

/** A service that only those who know a name and a password may open; one of the last two is there. */
interface ProtectedService {
  readonly userName: string;
  readonly password?: string;
  readonly passwordHash?: string;
}

/** Hashes at a time and waiting: a queue of its own, so that guessing here never delays an agent's sign-in. */
const hashing = { parallel: 1, maxWaiting: 50 };

/**
 * The credentials of services that are protected by HTTP Basic (gms-customer-api §7). Whoever opens a chat needs them;
 * inside a chat its secure key is the proof. The right ones are remembered as a keyed digest once they were verified,
 * so that they are hashed once in a run of the server.
 */
export class ServiceCredentials {
  readonly #key: Uint8Array;
  readonly #queue = new HashQueue(hashing);
  readonly #protected: ReadonlyMap<string, ProtectedService>;
  readonly #verified = new Map<string, Buffer>();

  constructor(
    services: readonly { readonly name: string; readonly basicAuth: ProtectedService | null }[],
    random: RandomBytes,
  ) {
    this.#key = random(32);
    this.#protected = new Map(
      services.flatMap(({ name, basicAuth }) => (basicAuth ? [[name, basicAuth] as const] : [])),
    );
    for (const [name, { userName, password }] of this.#protected)
      if (password !== undefined) this.#verified.set(name, this.#digest({ userName, password }));
  }

  /**
   * Whether one of the claims opens the service; null when it does, or when the service is open to everybody.
   * NotAuthenticated otherwise; Unavailable while too many are being checked.
   */
  async check(service: string, claims: readonly Claim[]): Promise<Refusal | null> {
    const account = this.#protected.get(service);
    if (!account) return null;
    const known = this.#verified.get(service);
    if (known && claims.some((claim) => timingSafeEqual(this.#digest(claim), known))) return null;
    if (account.passwordHash === undefined || known) return refuse('NotAuthenticated');
    const stored = parsePasswordHash(account.passwordHash);
    if (typeof stored === 'string') return refuse('NotAuthenticated');
    for (const claim of claims) {
      const { salt, hash, ...cost } = stored;
      const found = this.#queue.run({ password: claim.password, salt, length: hash.length, cost });
      if (!found) return refuse('Unavailable');
      if (timingSafeEqual(await found, hash) && claim.userName === account.userName) {
        this.#verified.set(service, this.#digest(claim));
        return null;
      }
    }
    return refuse('NotAuthenticated');
  }

  #digest({ userName, password }: Claim): Buffer {
    return createHmac('sha256', this.#key).update(`${userName}\0${password}`).digest();
  }
}
