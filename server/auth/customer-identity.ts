import type { JWTPayload, JWTVerifyOptions } from 'jose';
import { bounds } from '@parley/contract/bounds.ts';
import { refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { Clock } from '../clock.ts';

/** How a service checks who its customers are. Either `secret` is there or there are `jwks`. */
export interface IdentityCheck {
  readonly required: boolean;
  readonly issuer: string;
  readonly audience: string;
  readonly secret: string | null;
  readonly jwks: readonly Readonly<Record<string, string>>[];
  readonly algorithms: readonly string[];
  readonly clockToleranceMs: number;
  readonly maxAgeMs: number;
}

/** What the issuer of a token says of the customer. Nothing in it comes from the customer. */
export interface VerifiedCustomer {
  /** The issuer's name for the customer. */
  readonly subject: string;
  readonly issuer: string;
  readonly nickname: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly emailAddress?: string;
  readonly phoneNumber?: string;
  /** Of the contact's profile, when the issuer knows it. */
  readonly contactId?: string;
}

type Verify = (token: string) => Promise<JWTPayload>;

interface Checked {
  readonly isRequired: boolean;
  readonly verify: Verify;
}

const bearerToken = /^bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/** The token of an `Authorization: Bearer` header (RFC 6750); undefined for another scheme or none. */
export function bearerIn(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : bearerToken.exec(authorization)?.[1];
}

const longestClaim = 255;

function claim(payload: JWTPayload, name: string): string | undefined {
  const value = payload[name];
  if (typeof value !== 'string') return undefined;
  const trimmed = value.trim();
  return trimmed === '' ? undefined : trimmed;
}

function verifierOf(check: IdentityCheck, clock: Clock): Verify {
  const { secret, jwks, issuer, audience, clockToleranceMs, maxAgeMs } = check;
  const options = (): JWTVerifyOptions => ({
    // Pinned by the kind of key: a public key is never taken for a shared secret, and `none` is no algorithm.
    algorithms: secret === null ? [...check.algorithms] : ['HS256'],
    issuer,
    audience,
    currentDate: new Date(clock.now()),
    clockTolerance: clockToleranceMs / 1000,
    maxTokenAge: maxAgeMs / 1000,
    requiredClaims: ['exp', 'sub'],
  });
  // Loaded with the first token: most services read none.
  const load = async (): Promise<Verify> => {
    const { createLocalJWKSet, jwtVerify } = await import('jose');
    if (secret !== null) {
      const key = new TextEncoder().encode(secret);
      return async (token) => (await jwtVerify(token, key, options())).payload;
    }
    const keys = createLocalJWKSet({ keys: jwks.map((jwk) => ({ ...jwk })) });
    return async (token) => (await jwtVerify(token, keys, options())).payload;
  };
  let ready: Promise<Verify> | undefined;
  return async (token) => (await (ready ??= load()))(token);
}

/**
 * Checks the signed statements of who a customer is, by service. Tokens are neither stored nor logged. A token can be used again
 * until it expires, by whoever has it: it opens new chats in its subject's name and reads none, so issuers keep them short.
 */
export class CustomerIdentity {
  readonly #checks: ReadonlyMap<string, Checked>;

  constructor(
    services: readonly { readonly name: string; readonly identity: IdentityCheck | null }[],
    clock: Clock,
  ) {
    this.#checks = new Map(
      services.flatMap(({ name, identity }) =>
        identity
          ? [[name, { isRequired: identity.required, verify: verifierOf(identity, clock) }] as const]
          : [],
      ),
    );
  }

  /**
   * Who the token says the customer is; null when the service reads no tokens, or none came and none is required.
   * IdentityRequired when one is; IdentityInvalid for a token that is too long, forged, expired, not for this service, or without
   * what it must say.
   */
  async verify(service: string, token: string | undefined): Promise<VerifiedCustomer | Refusal | null> {
    const check = this.#checks.get(service);
    if (!check) return null;
    if (token === undefined || token === '') return check.isRequired ? refuse('IdentityRequired') : null;
    if (token.length > bounds.identityTokenLength) return refuse('IdentityInvalid');
    try {
      return customerOf(await check.verify(token));
    } catch (error) {
      // What exactly is wrong helps those who forge; that it is over helps those who do not.
      return isExpired(error)
        ? refuse('IdentityInvalid', 'The identity token has expired.')
        : refuse('IdentityInvalid');
    }
  }
}

function isExpired(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_JWT_EXPIRED';
}

function customerOf(payload: JWTPayload): VerifiedCustomer | Refusal {
  const { sub: subject = '', iss: issuer = '' } = payload;
  const [firstName, lastName] = [claim(payload, 'given_name'), claim(payload, 'family_name')];
  const both = [firstName, lastName].filter((part) => part !== undefined).join(' ');
  const nickname = claim(payload, 'name') ?? (both === '' ? subject.trim() : both);
  // An address that the issuer itself has not checked proves nothing.
  const emailAddress = payload['email_verified'] === false ? undefined : claim(payload, 'email');
  const phoneNumber = payload['phone_number_verified'] === false ? undefined : claim(payload, 'phone_number');
  const contactId = claim(payload, 'contact_id');
  const customer = { subject, issuer, nickname, firstName, lastName, emailAddress, phoneNumber, contactId };
  const said = Object.entries(customer).filter(([, value]) => value !== undefined);
  if (nickname === '' || said.some(([, value]) => (value ?? '').length > longestClaim))
    return refuse('IdentityInvalid');
  // Only what is undefined was left out.
  return Object.fromEntries(said) as unknown as VerifiedCustomer;
}
