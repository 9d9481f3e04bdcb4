import { BayeuxError } from '@parley/client/bayeux-message.ts';
import { ParleyError } from '@parley/client/parley-error.ts';

/** How a request ended, its answer when there was one, and a name for what went wrong. */
export type Attempted<Reply> =
  | { readonly outcome: 'acknowledged'; readonly reply: Reply }
  | { readonly outcome: 'refused'; readonly kind: string; readonly error: ParleyError | BayeuxError }
  | { readonly outcome: 'unknown'; readonly kind: string };

/**
 * Waits for a request of the SDK. Refused is what the server understood and did not carry out; without an answer, and
 * after an internal error or one of a proxy, nobody knows. What else is thrown is a bug.
 */
export async function attempted<Reply>(request: Promise<Reply>): Promise<Attempted<Reply>> {
  try {
    return { outcome: 'acknowledged', reply: await request };
  } catch (error) {
    if (error instanceof ParleyError) {
      const { statusCode, httpStatus, errorCodes } = error;
      const kind =
        errorCodes.length > 0 ? `code ${errorCodes.join()}` : `HTTP ${httpStatus}, code ${statusCode}`;
      return error.isUnconfirmed || isCarriedOutPerhaps(error)
        ? { outcome: 'unknown', kind }
        : { outcome: 'refused', kind, error };
    }
    if (error instanceof BayeuxError)
      return error.kind === 'refused'
        ? { outcome: 'refused', kind: `Bayeux ${error.code}`, error }
        : { outcome: 'unknown', kind: `push: ${error.kind}` };
    if (error instanceof TypeError) return { outcome: 'unknown', kind: 'connection' };
    // The client was ended while it asked, or waited for longer than it may.
    if (error instanceof DOMException) return { outcome: 'unknown', kind: 'ended' };
    throw error;
  }
}

/** Access denied, statusCode 20 (gws-agent-api §1.2): signing in, the password is wrong; later, the login session is over. */
export function isDenied(error: ParleyError | BayeuxError): boolean {
  return error instanceof ParleyError && error.statusCode === 20 && error.httpStatus !== 429;
}

/** No reply of ours, or an internal error: the server may have come to its end after the disk had everything. */
function isCarriedOutPerhaps({ statusCode, httpStatus }: ParleyError): boolean {
  return statusCode === -1 ? httpStatus >= 500 || httpStatus < 400 : httpStatus === 500;
}
