import { BlockList, isIP } from 'node:net';

const reserved = new BlockList();
// The special ranges of IPv4 (IANA registry): this network, private, shared, loopback, link-local with the metadata
// servers of clouds, protocol assignments, documentation, 6to4 relays, benchmarks, multicast, the rest.
for (const range of [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24'],
  ...['203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
])
  add(range, 'ipv4');
// Of IPv6 only 2000::/3 is given to anybody; in it: protocol assignments with Teredo, documentation, 6to4, which may all
// stand for an address of IPv4. Outside it are loopback, link-local, unique local and those that carry an IPv4 address.
for (const range of ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']) add(range, 'ipv6');
const given = new BlockList();
given.addSubnet('2000::', 3, 'ipv6');

function add(range: string, family: 'ipv4' | 'ipv6'): void {
  const [network = '', prefix] = range.split('/');
  reserved.addSubnet(network, Number(prefix), family);
}

const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * Whether an address, as the resolver gives it, is one of the public internet. Addresses of this machine, of private
 * networks and of the metadata servers of clouds are not, in whatever form.
 */
export function isPublicAddress(address: string): boolean {
  const inner = mapped.exec(address)?.[1] ?? address;
  // A zone (`fe80::1%eth0`) belongs to link-local addresses only.
  const family = isIP(inner);
  if (family === 4) return !reserved.check(inner, 'ipv4');
  return family === 6 && given.check(inner, 'ipv6') && !reserved.check(inner, 'ipv6');
}
