import { createPublicKey } from 'node:crypto';
import type { ConfigPath, Problem } from './problem.ts';
import type { ConfigFile } from './schema.ts';

/** What is wrong with a key; null when it can check signatures. A key that could sign has no place in a configuration. */
export function keyProblem(jwk: Readonly<Record<string, unknown>>): string | null {
  if ('d' in jwk || 'k' in jwk)
    return 'this is a private key or a shared secret; only public keys belong here';
  try {
    createPublicKey({ key: { ...jwk }, format: 'jwk' });
    return null;
  } catch {
    return 'this is not a public key of kind RSA, EC or OKP';
  }
}

/** Each service that reads identity tokens has one way to check them. */
export function identityChecks({ services }: ConfigFile): readonly Problem[] {
  return services.flatMap(({ identity }, position): Problem[] => {
    if (!identity) return [];
    const path: ConfigPath = ['services', position, 'identity'];
    const { secret, jwks, jwksFile } = identity;
    const ways = [secret !== null, jwks.length > 0, jwksFile !== null].filter(Boolean).length;
    if (ways !== 1) return [{ path, sentence: 'one of secret, jwks and jwksFile is needed, and only one' }];
    return jwks.flatMap((jwk, entry) => {
      const sentence = keyProblem(jwk);
      return sentence === null ? [] : [{ path: [...path, 'jwks', entry], sentence }];
    });
  });
}
