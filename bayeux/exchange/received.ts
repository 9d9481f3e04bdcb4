/** A message between its envelope and its handler. */

import type { ClientMessage } from '../options.ts';
import { type InboundMessage, isRecord } from '../protocol/message.ts';

/** A message whose envelope passed, on its way to its handler. */
export interface Received {
  readonly message: InboundMessage;
  readonly channel: string;
  readonly idJson: string | undefined;
}

/** The message as policies and handlers see it. */
export function clientMessage(received: Received): ClientMessage {
  const { id, data, ext } = received.message;
  return {
    channel: received.channel,
    id: typeof id === 'string' || typeof id === 'number' ? id : undefined,
    data,
    ext: isRecord(ext) ? ext : {},
  };
}
