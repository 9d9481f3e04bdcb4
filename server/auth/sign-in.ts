import type { AgentId } from '../domain/ids.ts';
import { parseBasicHeader, type Claim } from './basic-header.ts';
import type { CredentialCache } from './credential-cache.ts';
import type { Passwords } from './passwords.ts';
import type { SignInThrottle } from './throttle.ts';

/** Why somebody is not let in; the codes are those of the contract's table of refusals. */
export type SignInRefusal =
  | { readonly refused: 'NotAuthenticated' }
  | { readonly refused: 'TooManyAttempts'; readonly retryAfterMs: number }
  | { readonly refused: 'Unavailable' };

export type SignInResult = { readonly agentId: AgentId } | SignInRefusal;

export interface SignInParts {
  readonly passwords: Passwords;
  readonly throttle: SignInThrottle;
  readonly cache: CredentialCache;
}

/**
 * Checks `Authorization: Basic` headers. A header verified lately passes at once, throttled or not; the same header
 * sent several times at once is hashed once; everything else passes the throttle first.
 */
export class SignIn {
  readonly #parts: SignInParts;
  /** Bounded by the hash queue: every check under way has a place in it. */
  readonly #underWay = new Map<string, Promise<SignInResult>>();

  constructor(parts: SignInParts) {
    this.#parts = parts;
  }

  /** `address`: the IP address the request came from. */
  async verify(header: string, address: string): Promise<SignInResult> {
    const claims = parseBasicHeader(header);
    if (claims.length === 0) return { refused: 'NotAuthenticated' };
    const { cache } = this.#parts;
    const key = cache.keyOf(header);
    const cached = cache.find(key);
    if (cached !== undefined) return { agentId: cached };
    const running = this.#underWay.get(key);
    if (running) return running;
    const check = this.#check(claims, address).then((result) => {
      if ('agentId' in result) cache.remember(key, result.agentId);
      else if (result.refused === 'NotAuthenticated') cache.drop(key);
      return result;
    });
    const settled = check.finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, settled);
    return settled;
  }

  /** Whether the header claims to be this agent, right or not. */
  claims(header: string, agentId: AgentId): boolean {
    return parseBasicHeader(header).some((claim) => this.#parts.passwords.idOf(claim.userName) === agentId);
  }

  /** The readings of one header that name the same account are one attempt. */
  async #check(claims: readonly Claim[], address: string): Promise<SignInResult> {
    let refusal: SignInRefusal = { refused: 'NotAuthenticated' };
    for (const [userName, same] of Map.groupBy(claims, (claim) => claim.userName)) {
      const result = await this.#attempt(userName, same, address);
      if ('agentId' in result) return result;
      if (result.refused !== 'NotAuthenticated') refusal = result;
    }
    return refusal;
  }

  async #attempt(userName: string, claims: readonly Claim[], address: string): Promise<SignInResult> {
    const { passwords, throttle } = this.#parts;
    const admission = throttle.admit(userName, address);
    if (!admission.admitted) return { refused: 'TooManyAttempts', retryAfterMs: admission.retryAfterMs };
    let outcome: 'Right' | 'Wrong' | 'NotChecked' = 'NotChecked';
    try {
      for (const { password } of claims) {
        const verdict = await passwords.verify(userName, password);
        if (verdict === 'Busy') return { refused: 'Unavailable' };
        outcome = verdict === null ? 'Wrong' : 'Right';
        if (verdict !== null) return { agentId: verdict };
      }
      return { refused: 'NotAuthenticated' };
    } finally {
      admission.settle(outcome);
    }
  }
}
