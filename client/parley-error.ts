/** On the customer API (docs/status-codes.md). */
const unconfirmedCode = 122;

/**
 * A request that the server refused.
 *
 * - `statusCode`: of the agent API (gws-agent-api §1.2: 20 = not authenticated, 2 = not allowed in this state, …) or
 *   of the customer API (gms-customer-api §5: 1 = may be retried, 2 = need not be); -1 when the reply carried none.
 * - `httpStatus`: the HTTP status of the reply.
 * - `retryAfterMs`: how long the server wants to be left alone (`Retry-After`); 0 when it says nothing.
 * - `errorCodes`: the numbers in `errors[].code` of the customer API; empty on the agent API.
 */
export class ParleyError extends Error {
  readonly statusCode: number;
  readonly httpStatus: number;
  readonly errorCodes: readonly number[];
  readonly retryAfterMs: number;

  constructor(
    message: string,
    reply: {
      readonly statusCode: number;
      readonly httpStatus: number;
      readonly errorCodes?: readonly number[];
      readonly retryAfterMs?: number;
    },
  ) {
    super(message);
    this.name = 'ParleyError';
    this.statusCode = reply.statusCode;
    this.httpStatus = reply.httpStatus;
    this.errorCodes = reply.errorCodes ?? [];
    this.retryAfterMs = reply.retryAfterMs ?? 0;
  }

  /** Whether the request was taken and may yet be carried out: its outcome is not known, as after a lost connection. */
  get isUnconfirmed(): boolean {
    return this.httpStatus === 504 || this.errorCodes.includes(unconfirmedCode);
  }
}
