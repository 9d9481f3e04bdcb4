/**
 * The timesync extension (CometD reference, "time synchronization extension"): lets a client estimate the offset of its clock.
 *
 * A meta request carries `ext.timesync: {tc, l, o}`: the client's time, the lag and the offset it believes in. The reply carries
 * `{tc, ts, p, a}`: the server's time on receipt, the milliseconds it held the message, and the accuracy of the client's belief. When that
 * is below 25 ms and the client has measured a lag, the reply is left out.
 */

import { isRecord } from '../protocol/message.ts';
import type { Clock } from '../sessions/clock.ts';

/** A request for time synchronisation, stamped on receipt. */
export interface TimesyncRequest {
  readonly tc: number;
  readonly lagMs: number;
  readonly offsetMs: number;
  /** Milliseconds since 1970 when the message arrived. */
  readonly receivedMs: number;
}

/** Reads `ext.timesync`; undefined when it is absent or not of that shape. */
export function readTimesync(ext: unknown, clock: Clock): TimesyncRequest | undefined {
  if (ext === undefined || !isRecord(ext)) return undefined;
  const sync = ext['timesync'];
  if (!isRecord(sync) || !isTime(sync['tc'])) return undefined;
  return {
    tc: sync['tc'],
    lagMs: isTime(sync['l']) ? sync['l'] : 0,
    offsetMs: isTime(sync['o']) ? sync['o'] : 0,
    receivedMs: clock.epochMs(),
  };
}

/** The part of a reply's `ext`; undefined when the client's clock is known well enough. */
export function timesyncPart(request: TimesyncRequest | undefined, nowMs: number): string | undefined {
  if (request === undefined) return undefined;
  const accuracyMs = Math.round(request.tc + request.offsetMs + request.lagMs - request.receivedMs);
  if (request.lagMs !== 0 && Math.abs(accuracyMs) < 25) return undefined;
  const heldMs = Math.max(0, Math.round(nowMs - request.receivedMs));
  return `"timesync":{"tc":${request.tc},"ts":${Math.round(request.receivedMs)},"p":${heldMs},"a":${accuracyMs}}`;
}

/** `1e999` is valid JSON and would come back as `Infinity`, which is not. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
}
