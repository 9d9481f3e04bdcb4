/** `/meta/disconnect`: the held connect is answered first, then the session is gone. */

import { renderReply } from '../protocol/reply.ts';
import type { PushSession } from '../sessions/push-session.ts';
import type { Exchange } from './exchange.ts';
import { clientMessage, type Received } from './received.ts';
import type { Pending } from './settle.ts';

/** Handles a disconnect. The session's held connect is released with advice not to come back. */
export function onDisconnect<P>(exchange: Exchange<P>, session: PushSession<P>, received: Received): Pending {
  const { core } = exchange;
  const hook = core.options.hooks.onDisconnect;
  if (hook !== undefined) core.tell(() => hook(session, clientMessage(received)));
  core.delivery.end(session, 'disconnected');
  exchange.reply(
    renderReply({
      channel: '/meta/disconnect',
      idJson: received.idJson,
      timestamp: core.delivery.timestamp(),
    }),
  );
  return undefined;
}
