import type { RefusalCode } from '@parley/contract/refusals.ts';
import { secondsBounds, Tally } from './tally.ts';

/** What kind of request: push, customers' calls, the agents' API, the operators' and everything else. */
export type RequestClass = 'push' | 'customer' | 'agent' | 'other';

/** What goes through the doors, in plain numbers. */
export class Traffic {
  readonly requests: Record<RequestClass, number> = { push: 0, customer: 0, agent: 0, other: 0 };
  readonly refusals: Partial<Record<RefusalCode, number>> = {};
  /** From the decision to the hand-over to a reader's connection. */
  readonly deliverySeconds = new Tally(secondsBounds);

  refused(code: RefusalCode): void {
    this.refusals[code] = (this.refusals[code] ?? 0) + 1;
  }

  /** What was accepted at this time of `performance.now()` has been handed to a connection. */
  delivered(acceptedAtMs: number): void {
    this.deliverySeconds.observe((performance.now() - acceptedAtMs) / 1000);
  }
}
