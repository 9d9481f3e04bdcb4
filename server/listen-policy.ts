import { isIPv4, isIPv6 } from 'node:net';
import { usesDemoPasswords, type Config } from './config/config.ts';

/** Whether only this machine can reach what listens on the host: 127.0.0.0/8, ::1 or `localhost`. */
export function isLoopback(host: string): boolean {
  const bare = host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  if (bare === 'localhost') return true;
  const ipv4 = bare.replace(/^::ffff:/, '');
  if (isIPv4(ipv4)) return ipv4.startsWith('127.');
  return isIPv6(bare) && new URL(`http://[${bare}]`).hostname === '[::1]';
}

/** The configuration asks to listen where it must not; `message` is one sentence for the operator. */
export class ListenRefused extends Error {
  override readonly name = 'ListenRefused';
}

/** Throws `ListenRefused` when the passwords that everybody can read would be open to other machines. */
export function checkListen(config: Config): void {
  const { host } = config.listen;
  if (isLoopback(host) || !usesDemoPasswords(config)) return;
  throw new ListenRefused(
    `With the password "demo" the server listens on loopback only, not on ${host}; ` +
      'give every agent a password of their own in the file that PARLEY_CONFIG names.',
  );
}
