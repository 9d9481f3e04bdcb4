import { keyProblem } from './identity-checks.ts';
import { ConfigError } from './problem.ts';

type Jwk = Readonly<Record<string, string>>;

interface WithIdentity {
  readonly identity: { readonly jwks: readonly Jwk[]; readonly jwksFile: string | null } | null;
}

/** The keys of a JWK set (RFC 7517 §5); only what keys are told apart by and checked with is kept. */
function keysIn(text: string, path: string): readonly Jwk[] {
  const refuse = (sentence: string): ConfigError => new ConfigError(`The key file ${path}`, [sentence]);
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw refuse('it is not JSON');
  }
  const keys: unknown = typeof read === 'object' && read !== null && 'keys' in read ? read.keys : undefined;
  if (!Array.isArray(keys) || keys.length === 0) throw refuse('it has no list "keys" with a key in it');
  return keys.map((key: unknown, entry) => {
    const jwk: Record<string, unknown> = typeof key === 'object' && key !== null ? { ...key } : {};
    const problem = keyProblem(jwk);
    if (problem !== null) throw refuse(`keys[${entry}]: ${problem}`);
    const texts = Object.entries(jwk).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
    return Object.fromEntries(texts);
  });
}

async function textOf(path: string, readFile: (path: string) => Promise<string>): Promise<string> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    throw new ConfigError(`The key file ${path}`, [`the file cannot be read (${code})`]);
  }
}

/** The services with the keys of their files in place. Throws `ConfigError` when a file cannot be read or used. */
export async function withJwksFiles<Service extends WithIdentity>(
  services: readonly Service[],
  readFile: (path: string) => Promise<string>,
): Promise<readonly Service[]> {
  return Promise.all(
    services.map(async (service) => {
      const path = service.identity?.jwksFile ?? null;
      if (path === null) return service;
      const jwks = keysIn(await textOf(path, readFile), path);
      return { ...service, identity: { ...service.identity, jwks } };
    }),
  );
}
