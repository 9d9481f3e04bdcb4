/**
 * Publishing (Bayeux 1.0 §5.1). `clientId` MAY be left out by the specification; CometD refuses that, and so do we.
 *
 * Before fan-out the message loses its `id` and `clientId`: another client's id, equal to one a `remoteCall` waits for,
 * would be taken for the answer, and a clientId is a secret. Of `ext` only `binary` survives, because by convention
 * clients put credentials there.
 */

import { isRecord, type InboundMessage } from './message.ts';

/** The `binary` part of a message's `ext` as JSON, to be passed through; undefined when there is none. */
export function binaryJsonOf(message: InboundMessage): string | undefined {
  if (message.ext === undefined || !isRecord(message.ext)) return undefined;
  const binary = message.ext['binary'];
  return isRecord(binary) ? JSON.stringify(binary) : undefined;
}
