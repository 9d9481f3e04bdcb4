import { expect, test } from 'vitest';
import { loadConfig } from './load.ts';
import { ConfigError } from './problem.ts';

const jwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', kid: 'one' };
const identity = { issuer: 'i', audience: 'a', jwksFile: 'keys.json' };
const file = JSON.stringify({ services: [{ name: 'a', queue: 'support', identity }] });

async function keysOf(keys: string | undefined): Promise<unknown> {
  const readFile = async (path: string): Promise<string> => {
    if (path === 'parley.json') return file;
    if (keys === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    return keys;
  };
  const machine = { timeZone: 'UTC' };
  try {
    const config = await loadConfig({ env: { PARLEY_CONFIG: 'parley.json' }, readFile, machine });
    return config.services[0]?.identity?.jwks;
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

test('the keys of a file are read; what they are not checked with is left out', async () => {
  expect(await keysOf(JSON.stringify({ keys: [{ ...jwk, key_ops: ['verify'] }] }))).toEqual([jwk]);
});

test.each([
  [undefined, 'the file cannot be read (ENOENT)'],
  ['{', 'it is not JSON'],
  ['[]', 'it has no list "keys" with a key in it'],
  ['{"keys":[]}', 'it has no list "keys" with a key in it'],
  ['{"keys":[null]}', 'keys[0]: this is not a public key of kind RSA, EC or OKP'],
  [
    JSON.stringify({ keys: [{ ...jwk, d: 'x' }] }),
    'keys[0]: this is a private key or a shared secret; only public keys belong here',
  ],
])('a file that cannot be used is refused at the start (%#)', async (keys, sentence) => {
  expect(await keysOf(keys)).toEqual([sentence]);
});
