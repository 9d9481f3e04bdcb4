import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey } from 'jose';
import { createPublicKey } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Clock } from '../clock.ts';
import { bearerIn, CustomerIdentity, type IdentityCheck } from './customer-identity.ts';

const startMs = Date.UTC(2026, 0, 1);
let nowMs = startMs;
const clock: Clock = { now: () => nowMs, setTimer: () => () => {} };
const secret = 'a secret that is long enough to be one';
const base = {
  required: false,
  issuer: 'https://shop.example',
  audience: 'parley',
  secret: null,
  jwks: [],
  algorithms: ['ES256'],
  clockToleranceMs: 30_000,
  maxAgeMs: 3_600_000,
} satisfies IdentityCheck;

let privateKey: CryptoKey;
let otherKey: CryptoKey;
let publicJwk: Record<string, string>;
let identity: CustomerIdentity;

beforeAll(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true });
  privateKey = pair.privateKey;
  otherKey = (await generateKeyPair('ES256')).privateKey;
  const { kty = '', crv = '', x = '', y = '' } = await exportJWK(pair.publicKey);
  publicJwk = { kty, crv, x, y, kid: 'one' };
  identity = new CustomerIdentity(
    [
      { name: 'open', identity: null },
      { name: 'keys', identity: { ...base, jwks: [publicJwk] } },
      { name: 'strict', identity: { ...base, jwks: [publicJwk], required: true } },
      { name: 'shared', identity: { ...base, secret } },
    ],
    clock,
  );
});

const person = { sub: '4711', name: 'Pat Person', email: 'pat@example.com' };
const seconds = (ms: number): number => Math.floor((startMs + ms) / 1000);

interface Made {
  readonly claims?: Record<string, unknown>;
  readonly key?: CryptoKey | Uint8Array;
  readonly header?: Record<string, string>;
}

function token({ claims = {}, key = privateKey, header = {} }: Made = {}): Promise<string> {
  const all = {
    ...person,
    iss: base.issuer,
    aud: base.audience,
    iat: seconds(0),
    exp: seconds(300_000),
    ...claims,
  };
  const kept = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return new SignJWT(kept).setProtectedHeader({ alg: 'ES256', kid: 'one', ...header }).sign(key);
}

async function outcome(made: Made = {}, service = 'keys'): Promise<unknown> {
  nowMs = startMs + 1000;
  return identity.verify(service, await token(made));
}

const invalid = { refused: 'IdentityInvalid' };

test('a good token says who the customer is', async () => {
  expect(await outcome()).toEqual({
    subject: '4711',
    issuer: base.issuer,
    nickname: 'Pat Person',
    emailAddress: 'pat@example.com',
  });
  expect(
    await outcome({
      claims: {
        name: undefined,
        given_name: 'Pat',
        family_name: 'P',
        phone_number: '+372 5',
        contact_id: 'c',
      },
    }),
  ).toMatchObject({
    nickname: 'Pat P',
    firstName: 'Pat',
    lastName: 'P',
    phoneNumber: '+372 5',
    contactId: 'c',
  });
  expect(await outcome({ claims: { name: undefined, email: 7 } })).toEqual({
    subject: '4711',
    issuer: base.issuer,
    nickname: '4711',
  });
});

test('an address that the issuer has not checked is left out', async () => {
  const found = await outcome({
    claims: { email_verified: false, phone_number: '1', phone_number_verified: false },
  });
  expect(Object.keys(found as object).toSorted()).toEqual(['issuer', 'nickname', 'subject']);
});

test('a service without identity reads no token; one that requires it refuses what comes without', async () => {
  expect(await identity.verify('open', 'anything')).toBeNull();
  expect(await identity.verify('keys', undefined)).toBeNull();
  expect(await identity.verify('keys', '')).toBeNull();
  expect(await identity.verify('strict', undefined)).toEqual({ refused: 'IdentityRequired' });
  expect(await identity.verify('strict', '')).toEqual({ refused: 'IdentityRequired' });
  expect(await identity.verify('unknown', 'anything')).toBeNull();
});

describe('refused is', () => {
  test.each([
    ['another issuer', { iss: 'https://evil.example' }],
    ['another audience', { aud: 'another' }],
    ['no expiry', { exp: undefined }],
    ['no subject', { sub: undefined }],
    ['no time of issue', { iat: undefined }],
    ['a time that has not come', { nbf: seconds(3_600_000) }],
    ['a time of issue that has not come', { iat: seconds(3_600_000) }],
    ['a claim without end', { name: 'x'.repeat(256) }],
    ['nobody at all', { sub: ' ', name: ' ' }],
  ])('%s', async (_what, claims) => {
    expect(await outcome({ claims })).toMatchObject(invalid);
  });

  test('a token that has expired, as such, and one that is too old however long it says it lasts', async () => {
    const expired = { ...invalid, detail: 'The identity token has expired.' };
    nowMs = startMs + 400_000;
    expect(await identity.verify('keys', await token())).toEqual(expired);
    nowMs = startMs + 3_700_000;
    expect(await identity.verify('keys', await token({ claims: { exp: seconds(99_000_000) } }))).toEqual(
      expired,
    );
  });

  test('a signature by somebody else', async () => {
    expect(await outcome({ key: otherKey })).toEqual(invalid);
    expect(await outcome({ header: { kid: 'two' } })).toEqual(invalid);
  });

  test('no signature at all (`none`), in every spelling', async () => {
    nowMs = startMs + 1000;
    const claims = {
      ...person,
      iss: base.issuer,
      aud: base.audience,
      iat: seconds(0),
      exp: seconds(300_000),
    };
    const unsigned = new UnsecuredJWT(claims).encode();
    const body = unsigned.split('.')[1] ?? '';
    for (const alg of ['none', 'None', 'NONE', '']) {
      const header = Buffer.from(JSON.stringify({ alg })).toString('base64url');
      for (const service of ['keys', 'shared', 'strict'])
        expect(await identity.verify(service, `${header}.${body}.`)).toEqual(invalid);
    }
    expect(await identity.verify('keys', unsigned)).toEqual(invalid);
  });

  test('the public key taken for a shared secret, and the other way round', async () => {
    const pem = createPublicKey({ key: publicJwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    for (const key of [String(pem), JSON.stringify(publicJwk), publicJwk['x'] ?? ''])
      expect(
        await outcome({ key: new TextEncoder().encode(key.padEnd(32, '=')), header: { alg: 'HS256' } }),
      ).toEqual(invalid);
    expect(await outcome({}, 'shared')).toEqual(invalid);
    const shared = { key: new TextEncoder().encode(secret), header: { alg: 'HS256' } };
    expect(await outcome(shared, 'shared')).toMatchObject({ subject: '4711' });
    expect(await outcome({ ...shared, header: { alg: 'HS512' } }, 'shared')).toEqual(invalid);
    expect(await outcome(shared, 'keys')).toEqual(invalid);
  });

  test('a token that has been changed in any one character', async () => {
    nowMs = startMs + 1000;
    const good = await token();
    for (let at = 0; at < good.length; at += 7) {
      if (good[at] === '.') continue;
      // The last letter of a part may hold bits that count for nothing; A and Z differ in those that do.
      const changed = good.slice(0, at) + (good[at] === 'A' ? 'Z' : 'A') + good.slice(at + 1);
      expect(await identity.verify('keys', changed)).toMatchObject(invalid);
    }
  });

  test.each([
    'x',
    'a.b',
    'a.b.c',
    '....',
    '{}',
    '\u0000',
    'ä.ö.ü',
    `${'a'.repeat(4097)}`,
    'x'.repeat(1_000_000),
  ])('what is no token (%#)', async (text) => {
    expect(await identity.verify('keys', text)).toEqual(invalid);
  });
});

test.each([
  ['Bearer abc.def.ghi', 'abc.def.ghi'],
  ['bearer   x', 'x'],
  ['Basic abc', undefined],
  ['Bearer', undefined],
  ['Bearer a b', undefined],
  [undefined, undefined],
])('the token of %s is %s', (header, expected) => {
  expect(bearerIn(header)).toBe(expected);
});
