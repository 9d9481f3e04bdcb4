import { ParleyError } from '@parley/client/parley-error.ts';
import type { Outcome } from './history.ts';

/** How a request ended, and its answer when there was one. */
export type Ended<Reply> =
  | { readonly outcome: Extract<Outcome, 'acknowledged'>; readonly reply: Reply }
  | { readonly outcome: Extract<Outcome, 'refused'>; readonly error: ParleyError }
  | { readonly outcome: Extract<Outcome, 'cut'> };

/** Waits for a request of the SDK. `fetch` throws a `TypeError` when a connection was cut; what else it throws is a bug. */
export async function endOf<Reply>(request: Promise<Reply>): Promise<Ended<Reply>> {
  try {
    return { outcome: 'acknowledged', reply: await request };
  } catch (error) {
    if (error instanceof ParleyError) return { outcome: 'refused', error };
    if (error instanceof TypeError) return { outcome: 'cut' };
    throw error;
  }
}
