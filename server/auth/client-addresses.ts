import { BlockList, isIP } from 'node:net';
import { RecentMap } from '../limits/recent-map.ts';
import { addressGroup } from './client-address.ts';

/** Where a request comes from, for limits. */
export interface Client {
  /** The IP address. */
  readonly address: string;
  /** Who counts as one client; see `addressGroup`. */
  readonly group: string;
  /** No limit by address holds for it. */
  readonly isExempt: boolean;
}

export interface ClientAddressesOptions {
  /** Addresses and ranges (`10.0.0.0/8`) of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  readonly exemptAddresses: readonly string[];
  /** Addresses remembered; beyond it those seen longest ago are worked out again. */
  readonly maxWatched: number;
}

/** What a request of node:http says of where it comes from. */
export interface Arrival {
  readonly socket: { readonly remoteAddress?: string | undefined };
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Hops looked at, from the nearest on; what lies behind is taken for made up. */
const maxHops = 20;
const maxHeaderLength = 1024;
const unknown = 'unknown';

/** An IP address without brackets, port, zone, and IPv4 out of its IPv6 clothes; null when it is none. */
function plainAddress(text: string): string | null {
  const trimmed = text.trim();
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(trimmed)?.[1];
  const withPort = /^([0-9.]+):\d{1,5}$/.exec(trimmed)?.[1];
  const bare = (bracketed ?? withPort ?? trimmed).replace(/%.*$/, '').toLowerCase();
  const plain = /^::ffff:([0-9.]+)$/.exec(bare)?.[1] ?? bare;
  return isIP(plain) === 0 ? null : plain;
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 4 ? 'ipv4' : 'ipv6');

/** Whether a text is an address or a range of addresses as the configuration has them. */
export function isAddressRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  if (isIP(address) === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (isIP(address) === 4 ? 32 : 128));
}

function rangesOf(texts: readonly string[]): BlockList {
  const ranges = new BlockList();
  for (const text of texts) {
    const [address = '', bits] = text.split('/');
    if (bits === undefined) ranges.addAddress(address, familyOf(address));
    else ranges.addSubnet(address, Number(bits), familyOf(address));
  }
  return ranges;
}

/**
 * Finds out where requests come from. `X-Forwarded-For` counts only when the connection comes from a configured proxy, and then
 * only as far back as each hop is one: the first address that is not is the client's. So nobody chooses their own address.
 */
export class ClientAddresses {
  readonly #proxies: BlockList | null;
  readonly #exempt: BlockList;
  readonly #known: RecentMap<Client>;

  constructor({ trustedProxies, exemptAddresses, maxWatched }: ClientAddressesOptions) {
    this.#proxies = trustedProxies.length > 0 ? rangesOf(trustedProxies) : null;
    this.#exempt = rangesOf(exemptAddresses);
    this.#known = new RecentMap(maxWatched);
  }

  /** The client of a request. */
  of({ socket, headers }: Arrival): Client {
    const remote = socket.remoteAddress ?? unknown;
    const forwarded = this.#proxies === null ? undefined : headers['x-forwarded-for'];
    const address = forwarded === undefined ? remote : this.#behindProxies(remote, String(forwarded));
    const known = this.#known.get(address);
    if (known) return known;
    const client = this.#clientAt(address);
    this.#known.set(address, client);
    return client;
  }

  #clientAt(text: string): Client {
    const address = plainAddress(text) ?? unknown;
    const isExempt = address !== unknown && this.#exempt.check(address, familyOf(address));
    return { address, group: addressGroup(address), isExempt };
  }

  /** An entry that is no address ends the way back: whoever wrote it is the last who is known. */
  #behindProxies(remote: string, header: string): string {
    let nearest = remote;
    const hops = header.slice(-maxHeaderLength).split(',').slice(-maxHops);
    while (this.#isProxy(nearest)) {
      const next = plainAddress(hops.pop() ?? '');
      if (next === null) break;
      nearest = next;
    }
    return nearest;
  }

  #isProxy(text: string): boolean {
    const address = plainAddress(text);
    return address !== null && this.#proxies?.check(address, familyOf(address)) === true;
  }
}
