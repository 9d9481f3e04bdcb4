/**
 * The acknowledgement extension (CometD reference, "acknowledge extension"): server to client, in order, again until seen.
 *
 * A client asks with `ext.ack: true` in its handshake and the server agrees the same way. From then on events leave only with
 * connect replies, on every transport. Each reply closes a batch, names it in `ext.ack` and carries everything not yet
 * acknowledged; each connect names the last batch the client received, and what belongs to it or to earlier ones is
 * forgotten. Unacknowledged events count against the session's queue bounds.
 */

import { isRecord } from '../protocol/message.ts';

/** Which batch the next event of a session belongs to. The events themselves wait in its queue. */
export class AckLedger {
  /** The open batch. The first is 1. */
  batch = 1;

  /** Closes the open batch and returns the part of `ext` that names it. */
  close(): string {
    return `"ack":${this.batch++}`;
  }
}

/** True when a handshake's `ext` asks for acknowledgement: `true`, or an object with `enabled: true`. */
export function asksForAck(ext: Readonly<Record<string, unknown>>): boolean {
  const ack = ext['ack'];
  return ack === true || (isRecord(ack) && ack['enabled'] === true);
}

/** The last batch a connect acknowledges; undefined when it names none. */
export function acknowledgedBatch(ext: unknown): number | undefined {
  if (!isRecord(ext)) return undefined;
  const ack = ext['ack'];
  return typeof ack === 'number' && Number.isSafeInteger(ack) && ack >= 0 ? ack : undefined;
}
