import { createHmac } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { RandomBytes } from '../domain/ids.ts';
import { addressGroup } from './client-address.ts';

export interface ThrottleOptions {
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** The accounts there are. Each has its own count, which nothing can push out of memory. */
  readonly userNames: Iterable<string>;
  readonly failuresBeforeDelay: number;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  readonly forgetAfterMs: number;
  readonly perAddressPerMinute: number;
  /** Addresses watched; when full, the one that failed longest ago is forgotten. */
  readonly maxAddresses: number;
}

/** The attempt may go on; `settle` must be called once with its outcome. Until then it counts as failed. */
export interface Admission {
  readonly admitted: true;
  settle(outcome: 'Right' | 'Wrong' | 'NotChecked'): void;
}

export interface Delayed {
  readonly admitted: false;
  readonly retryAfterMs: number;
}

/** Failures in a row, the attempts under way among them not counted. */
interface Lane {
  failures: number;
  pending: number;
  lastFailureAtMs: number;
}

interface AddressAllowance {
  left: number;
  atMs: number;
}

interface AccountLanes {
  readonly strangers: Lane;
  /** The addresses the account signed in from lately, the latest last. */
  readonly known: Map<string, Lane>;
}

/** Unknown names share this many counts; enough that an innocent one is rarely hit, and no more memory ever. */
const unknownLanes = 4096;
const knownAddressesPerAccount = 8;
const minuteMs = 60_000;

const newLane = (): Lane => ({ failures: 0, pending: 0, lastFailureAtMs: 0 });
const newLanes = (): AccountLanes => ({ strangers: newLane(), known: new Map() });

/**
 * Slows down guessing. Per account: from the `failuresBeforeDelay`-th failure in a row the next attempt must wait
 * 1, 2, 4 … s. Per address: a number of failures a minute. An unknown name is treated like a known one.
 *
 * Strangers cannot lock anybody out: the addresses from which an account signed in before have counts of their own,
 * apart from everybody else's and from the limit on the address. Who has a session or a cached credential never comes here.
 */
export class SignInThrottle {
  readonly #options: ThrottleOptions;
  readonly #key: Uint8Array;
  readonly #accounts: Map<string, AccountLanes>;
  readonly #unknown = new Map<number, Lane>();
  readonly #addresses = new Map<string, AddressAllowance>();

  constructor(options: ThrottleOptions) {
    this.#options = options;
    this.#key = options.random(32);
    this.#accounts = new Map(Array.from(options.userNames, (userName) => [userName, newLanes()]));
  }

  /** An account was added; nothing happens to one that is there. */
  add(userName: string): void {
    if (!this.#accounts.has(userName)) this.#accounts.set(userName, newLanes());
  }

  /** An account was removed: its name is unknown from now on. */
  remove(userName: string): void {
    this.#accounts.delete(userName);
  }

  /** Asks whether somebody at this address may try this account's password now. */
  admit(userName: string, address: string): Admission | Delayed {
    const group = addressGroup(address);
    const account = this.#accounts.get(userName);
    const ownLane = account?.known.get(group);
    const lane = ownLane ?? account?.strangers ?? this.#laneOfUnknown(userName);
    const delayMs = Math.max(this.#laneDelay(lane), ownLane ? 0 : this.#addressDelay(group));
    if (delayMs > 0) return { admitted: false, retryAfterMs: delayMs };
    lane.pending++;
    if (!ownLane) this.#spend(group, 1);
    let settled = false;
    return {
      admitted: true,
      settle: (outcome) => {
        if (settled) return;
        settled = true;
        lane.pending--;
        if (outcome === 'Wrong') this.#fail(lane);
        else if (!ownLane) this.#spend(group, -1);
        if (outcome !== 'Right') return;
        lane.failures = 0;
        if (account) this.#recognise(account, group);
      },
    };
  }

  /** Addresses watched now; for tests and metrics. */
  get watchedAddresses(): number {
    return this.#addresses.size;
  }

  #laneOfUnknown(userName: string): Lane {
    const slot = createHmac('sha256', this.#key).update(userName).digest().readUInt32BE(0) % unknownLanes;
    const lane = this.#unknown.get(slot) ?? newLane();
    this.#unknown.set(slot, lane);
    return lane;
  }

  /** How long the lane must wait; 0 when it need not. Attempts under way count, so a burst is no way around. */
  #laneDelay(lane: Lane): number {
    const { clock, failuresBeforeDelay, firstDelayMs, forgetAfterMs } = this.#options;
    const nowMs = clock.now();
    if (lane.failures > 0 && nowMs - lane.lastFailureAtMs >= forgetAfterMs) lane.failures = 0;
    if (lane.failures + lane.pending < failuresBeforeDelay) return 0;
    if (lane.pending > 0) return firstDelayMs;
    return Math.max(0, lane.lastFailureAtMs + this.#backOff(lane.failures) - nowMs);
  }

  #backOff(failures: number): number {
    const { failuresBeforeDelay, firstDelayMs, longestDelayMs } = this.#options;
    return Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(50, failures - failuresBeforeDelay));
  }

  #fail(lane: Lane): void {
    lane.failures++;
    lane.lastFailureAtMs = this.#options.clock.now();
  }

  /** What is left of the address's allowance now; it fills up again evenly over a minute. */
  #allowance(group: string): number {
    const { clock, perAddressPerMinute } = this.#options;
    const known = this.#addresses.get(group);
    if (!known) return perAddressPerMinute;
    const refilled = ((clock.now() - known.atMs) * perAddressPerMinute) / minuteMs;
    return Math.min(perAddressPerMinute, known.left + Math.max(0, refilled));
  }

  #addressDelay(group: string): number {
    const left = this.#allowance(group);
    return left >= 1 ? 0 : Math.ceil(((1 - left) * minuteMs) / this.#options.perAddressPerMinute);
  }

  #spend(group: string, count: number): void {
    const { clock, perAddressPerMinute, maxAddresses } = this.#options;
    const left = Math.min(perAddressPerMinute, this.#allowance(group) - count);
    this.#addresses.delete(group);
    if (left >= perAddressPerMinute) return;
    this.#addresses.set(group, { left, atMs: clock.now() });
    for (const oldest of this.#addresses.keys()) {
      if (this.#addresses.size <= maxAddresses) break;
      this.#addresses.delete(oldest);
    }
  }

  #recognise(account: AccountLanes, group: string): void {
    const lane = account.known.get(group) ?? newLane();
    account.known.delete(group);
    account.known.set(group, lane);
    const oldest = account.known.keys().next().value;
    if (account.known.size > knownAddressesPerAccount && oldest !== undefined) account.known.delete(oldest);
  }
}
