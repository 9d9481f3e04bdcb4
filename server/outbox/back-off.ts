/** How long failed attempts wait, in milliseconds. */
export interface BackOff {
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
}

/**
 * How long to wait after so many failed attempts, from 1: doubled with each, up to the longest, and half of it at
 * random, so that what failed together is not tried together. `random` is from 0 up to 1. A receiver that says when to
 * come again (`Retry-After`) is not asked before, unless that is later than the longest wait.
 */
export function delayAfter(
  failures: number,
  { firstDelayMs, longestDelayMs }: BackOff,
  { random, askedMs = 0 }: { readonly random: number; readonly askedMs?: number | undefined },
): number {
  // 2 ** 53 is beyond any longest wait.
  const whole = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(failures - 1, 53));
  return Math.max(Math.ceil(whole / 2 + (whole / 2) * random), Math.min(askedMs, longestDelayMs));
}
