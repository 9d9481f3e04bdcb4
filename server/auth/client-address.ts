import { isIPv4, isIPv6 } from 'node:net';

/**
 * Who counts as one client for the limits on signing in: an IPv4 address, or the /64 an IPv6 address is in, for one
 * household or server commonly has a whole /64. An IPv4 address in IPv6 clothes (`::ffff:…`) counts as IPv4.
 */
export function addressGroup(address: string): string {
  const bare = address.replace(/%.*$/, '').toLowerCase();
  const mapped = /^::ffff:([0-9.]+)$/.exec(bare)?.[1];
  if (mapped !== undefined && isIPv4(mapped)) return mapped;
  if (!isIPv6(bare)) return isIPv4(bare) ? bare : 'unknown';
  const [head = '', tail] = bare.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail ? tail.split(':') : [];
  // A dotted end stands for two groups.
  const width = (groups: readonly string[]): number => groups.length + (groups.at(-1)?.includes('.') ? 1 : 0);
  const zeros = tail === undefined ? 0 : 8 - width(front) - width(back);
  const groups = [...front, ...Array.from({ length: zeros }, () => '0'), ...back];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
