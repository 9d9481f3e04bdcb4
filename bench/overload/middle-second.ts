import { median } from '../lib/statistics.ts';
import type { LoadSecond } from './orders.ts';

/** A figure of the median second; the first is left out, for it is when the load changes. */
export function middle(seconds: readonly LoadSecond[], of: (second: LoadSecond) => number): number {
  return median((seconds.length > 1 ? seconds.slice(1) : seconds).map(of));
}

/** How many messages the agents received in the median second. */
export function deliveredPerSecond({ seconds }: { readonly seconds: readonly LoadSecond[] }): number {
  return middle(seconds, ({ delivered }) => delivered);
}
