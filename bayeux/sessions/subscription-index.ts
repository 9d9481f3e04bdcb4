/** Who is subscribed to what, and the fan-out that gives each session one copy. */

import { isWildcard } from '../protocol/channel.ts';
import type { PreparedEvent } from '../protocol/event.ts';

/** What the index needs of a subscriber. */
export interface Subscriber {
  /** Names subscribed to; the index is their only writer. */
  subscriptions: readonly string[];
  /** Number of the last fan-out that reached this subscriber. */
  fanOut: number;
}

const none: readonly string[] = Object.freeze([]);

/** Subscription name → subscribers. A name without subscribers is not kept. */
export class SubscriptionIndex<S extends Subscriber> {
  readonly #byName = new Map<string, { readonly name: string; readonly members: Set<S> }>();
  #wildcardNames = 0;
  #fanOuts = 0;

  /** Number of names somebody is subscribed to. */
  get size(): number {
    return this.#byName.size;
  }

  /** True when somebody is subscribed to exactly this name. */
  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** True when somebody is subscribed to a pattern. */
  get hasWildcards(): boolean {
    return this.#wildcardNames > 0;
  }

  /** Number of subscribers of exactly this name. */
  count(name: string): number {
    return this.#byName.get(name)?.members.size ?? 0;
  }

  /** Subscribes; a second time changes nothing. Returns whether it was new. */
  add(subscriber: S, name: string): boolean {
    let entry = this.#byName.get(name);
    if (entry === undefined) {
      entry = { name, members: new Set() };
      this.#byName.set(name, entry);
      if (isWildcard(name)) this.#wildcardNames++;
    }
    if (entry.members.has(subscriber)) return false;
    entry.members.add(subscriber);
    // The entry's own string, so that ten thousand sessions on one channel share one name.
    // `concat` because it makes an array of just that length.
    subscriber.subscriptions = subscriber.subscriptions.concat([entry.name]);
    return true;
  }

  /** Unsubscribes. Returns whether there was something to take away. */
  remove(subscriber: S, name: string): boolean {
    if (!this.#drop(subscriber, name)) return false;
    const rest = subscriber.subscriptions.filter((each) => each !== name);
    subscriber.subscriptions = rest.length === 0 ? none : rest;
    return true;
  }

  /** Forgets a subscriber altogether. */
  removeAll(subscriber: S): void {
    for (const name of subscriber.subscriptions) this.#drop(subscriber, name);
    subscriber.subscriptions = none;
  }

  /** Calls `deliver` once for every session whose subscriptions match the event, whatever their number. */
  fanOut(event: PreparedEvent, deliver: (subscriber: S, event: PreparedEvent) => void): void {
    if (this.#wildcardNames === 0) {
      const entry = this.#byName.get(event.channel);
      if (entry !== undefined) for (const member of entry.members) deliver(member, event);
      return;
    }
    const fanOut = ++this.#fanOuts;
    for (const name of event.matching) {
      const entry = this.#byName.get(name);
      if (entry === undefined) continue;
      for (const member of entry.members) {
        if (member.fanOut === fanOut) continue;
        member.fanOut = fanOut;
        deliver(member, event);
      }
    }
  }

  #drop(subscriber: S, name: string): boolean {
    const entry = this.#byName.get(name);
    if (entry === undefined || !entry.members.delete(subscriber)) return false;
    if (entry.members.size === 0) {
      this.#byName.delete(name);
      if (isWildcard(name)) this.#wildcardNames--;
    }
    return true;
  }
}

/** What a subscriber without subscriptions refers to: one array for all of them. */
export const noSubscriptions: readonly string[] = none;
