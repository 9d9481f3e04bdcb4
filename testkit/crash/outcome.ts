import { ParleyError } from '@parley/client/parley-error.ts';
import type { Outcome } from '@parley/load/history/chat-history.ts';

/** How a request ended, and its answer when there was one. */
export type Ended<Reply> =
  | { readonly outcome: Extract<Outcome, 'acknowledged'>; readonly reply: Reply }
  | { readonly outcome: Extract<Outcome, 'refused'>; readonly error: ParleyError }
  | { readonly outcome: Extract<Outcome, 'unknown'> };

/**
 * Waits for a request of the SDK. `fetch` throws a `TypeError` when a connection was cut, the SDK a `DOMException` when it
 * has waited for too long; what else is thrown is a bug.
 */
export async function endOf<Reply>(request: Promise<Reply>): Promise<Ended<Reply>> {
  try {
    return { outcome: 'acknowledged', reply: await request };
  } catch (error) {
    if (error instanceof ParleyError)
      return error.isUnconfirmed ? { outcome: 'unknown' } : { outcome: 'refused', error };
    if (error instanceof TypeError || error instanceof DOMException) return { outcome: 'unknown' };
    throw error;
  }
}
