/**
 * `/meta/handshake` (Bayeux 1.0 §4.1, CometD reference).
 *
 * A request MUST carry `version` and `supportedConnectionTypes`; CometD's server accepts requests without them, and so do
 * we, because old clients leave them out. A list that shares nothing with ours is refused: the client could not go on.
 * A handshake MUST be alone in its request.
 * The reply MUST carry `version`, `supportedConnectionTypes`, `clientId` and `successful`; here it always carries a whole
 * `advice` too, since JavaScript clients up to 3.0 keep the advice of the session before.
 */

import { isRecord, type InboundMessage } from './message.ts';
import { renderReply, type ReplyFields } from './reply.ts';

/** The transports this engine speaks, by their wire names. */
export type ConnectionType = 'websocket' | 'long-polling' | 'callback-polling';

/** What a handshake asks for, once checked. */
export type HandshakeRequest =
  | { readonly kind: 'wellFormed'; readonly ext: Readonly<Record<string, unknown>> }
  | { readonly kind: 'noCommonTransport' };

/** Checks a handshake against the transports on offer. */
export function readHandshake(message: InboundMessage, offered: readonly ConnectionType[]): HandshakeRequest {
  const wanted = message.supportedConnectionTypes;
  if (Array.isArray(wanted) && wanted.length > 0 && !offered.some((type) => wanted.includes(type))) {
    return { kind: 'noCommonTransport' };
  }
  return { kind: 'wellFormed', ext: isRecord(message.ext) ? message.ext : {} };
}

/** The reply to a successful handshake. */
export function handshakeReply(
  fields: Omit<ReplyFields, 'channel' | 'error' | 'adviceJson'> & {
    readonly clientId: string;
    readonly offered: readonly ConnectionType[];
    readonly adviceJson: string;
  },
): string {
  const plain = renderReply({ ...fields, channel: '/meta/handshake' });
  const added =
    `,"clientId":${JSON.stringify(fields.clientId)},"version":"1.0","minimumVersion":"1.0",` +
    `"supportedConnectionTypes":${JSON.stringify(fields.offered)}}`;
  return plain.slice(0, -1) + added;
}
