import { ParleyError } from './parley-error.ts';
import { systemScheduler, type Scheduler } from './scheduler.ts';

/** How requests are tried again. Each has one key through all its attempts, so it is carried out once at the most. */
export interface RetryOptions {
  /** How long a request may take with all its attempts; then it rejects as the last one did. Default 30,000; 0: one attempt. */
  readonly deadlineMs?: number;
  /** How long one attempt may take before it is taken for lost. Default 10,000. */
  readonly attemptMs?: number;
  /** How long one attempt to send a file may take, and how much longer all of them together may. Default 120,000. */
  readonly uploadAttemptMs?: number;
  /** The pause before the second attempt is at most this long, and may be twice as long before each further one. Default 200. */
  readonly firstPauseMs?: number;
  /** The longest pause that is not asked for by the server. Default 5,000. */
  readonly longestPauseMs?: number;
}

/** What can be said of one request. */
export interface CallOptions {
  /** Ends the request and everything that is still to be tried. It may have been carried out. */
  readonly signal?: AbortSignal;
  /** Instead of the client's own. */
  readonly deadlineMs?: number;
  /** For an application that keeps its requests and sends them again after it was started anew; one is made if absent. */
  readonly idempotencyKey?: string;
}

export interface Retry extends RetryOptions {
  readonly scheduler?: Scheduler;
  /** Numbers in [0, 1), so that many clients do not come back at the same moment. */
  readonly random?: () => number;
}

/** An error of the server's own is tried again so often: it is rather not temporary. */
const internalErrorRetries = 2;

/**
 * Runs `attempt` until it resolves, fails for good, the deadline passes or the caller aborts. Tried again are a lost
 * connection, a broken reply, HTTP 429 and 5xx, and what the customer API says may be retried; not before the
 * `Retry-After` of the reply, else after a pause whose bound doubles and which is random below it.
 */
export async function retrying<Result>(
  attempt: (signal: AbortSignal) => Promise<Result>,
  retry: Retry,
  { signal, deadlineMs = retry.deadlineMs ?? 30_000 }: CallOptions = {},
): Promise<Result> {
  const { scheduler = systemScheduler, random = Math.random } = retry;
  const { attemptMs = 10_000, firstPauseMs = 200, longestPauseMs = 5_000 } = retry;
  const over = new AbortController();
  const abort = (): void => over.abort(signal?.reason);
  if (signal?.aborted) throw signal.reason;
  signal?.addEventListener('abort', abort);
  const cancelDeadline =
    deadlineMs > 0
      ? scheduler.after(deadlineMs, () => over.abort(new DOMException('no answer in time', 'TimeoutError')))
      : (): void => undefined;
  let internalErrors = 0;
  try {
    for (let failures = 0; ; failures += 1) {
      try {
        return await within(attempt, { scheduler, attemptMs, over: over.signal });
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        if (error instanceof ParleyError && error.httpStatus === 500) internalErrors += 1;
        const isHopeless = deadlineMs <= 0 || internalErrors > internalErrorRetries || !mayRetry(error);
        if (isHopeless || over.signal.aborted) throw error;
        const bound = Math.min(longestPauseMs, firstPauseMs * 2 ** failures);
        const askedMs = error instanceof ParleyError ? error.retryAfterMs : 0;
        await pause(askedMs + random() * bound, scheduler, over.signal);
        if (signal?.aborted) throw signal.reason;
        if (over.signal.aborted) throw error;
      }
    }
  } finally {
    cancelDeadline();
    signal?.removeEventListener('abort', abort);
  }
}

/** For a request that carries a file: it takes as long as the line lets it. */
export function withTimeForFiles({ uploadAttemptMs = 120_000, ...retry }: Retry): Retry {
  const { deadlineMs = 30_000 } = retry;
  return {
    ...retry,
    attemptMs: uploadAttemptMs,
    deadlineMs: deadlineMs > 0 ? deadlineMs + uploadAttemptMs : 0,
  };
}

/** Whether the same request may have another outcome if it is sent again (gms-customer-api §5 for `statusCode` 1). */
export function mayRetry(error: unknown): boolean {
  if (!(error instanceof ParleyError)) return error instanceof Error;
  const { httpStatus, statusCode } = error;
  if (httpStatus === 429 || httpStatus >= 500) return true;
  return httpStatus === 200 && (statusCode === 1 || statusCode === -1);
}

/** What `Retry-After` asks for, in milliseconds; the form with a date is passed over, for it takes two clocks to read it. */
export function retryAfterMs(headers: Headers): number {
  const seconds = headers.get('retry-after')?.trim() ?? '';
  return /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : 0;
}

async function within<Result>(
  attempt: (signal: AbortSignal) => Promise<Result>,
  { scheduler, attemptMs, over }: { scheduler: Scheduler; attemptMs: number; over: AbortSignal },
): Promise<Result> {
  const lost = new AbortController();
  const cut = (): void => lost.abort(over.reason);
  over.addEventListener('abort', cut);
  if (over.aborted) cut();
  const cancel = scheduler.after(attemptMs, () =>
    lost.abort(new DOMException('no answer to this attempt', 'TimeoutError')),
  );
  try {
    return await attempt(lost.signal);
  } finally {
    cancel();
    over.removeEventListener('abort', cut);
  }
}

/** Passes, or is cut short by the signal. */
export async function pause(delayMs: number, scheduler: Scheduler, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      cancel();
      signal?.removeEventListener('abort', go);
      resolve();
    };
    const cancel = scheduler.after(delayMs, go);
    signal?.addEventListener('abort', go);
  });
}

/** A key that nobody guesses: 128 random bits in hex digits. Pages over plain HTTP have no `randomUUID`. */
export function newIdempotencyKey(): string {
  const words = crypto.getRandomValues(new Uint32Array(4));
  return Array.from(words, (word) => word.toString(16).padStart(8, '0')).join('');
}
