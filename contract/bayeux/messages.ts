import Type from 'typebox';

const Channel = Type.String({ description: 'A channel: segments that begin with a slash.' });
const MessageId = Type.String({ description: 'Chosen by the client; the reply repeats it.' });
const ClientId = Type.String({ description: 'The Bayeux session, given out by the handshake.' });

/** What the server tells a client about its next connect (Bayeux 1.0, advice). */
export const Advice = Type.Object(
  {
    reconnect: Type.Optional(Type.Enum(['retry', 'handshake', 'none'])),
    interval: Type.Optional(Type.Integer({ description: 'Milliseconds to wait before the next connect.' })),
    timeout: Type.Optional(Type.Integer({ description: 'Milliseconds that a connect is held at most.' })),
  },
  { title: 'BayeuxAdvice' },
);
export type Advice = Type.Static<typeof Advice>;

/**
 * The extensions. Acknowledgement (`ack`): the handshake says `true` on both sides; each connect request then carries
 * the id of the last batch received, each connect reply the id of its batch; what is not acknowledged is sent again.
 * Replay (`replay`): a subscribe carries the position after which to go on, by channel, for what outlived the session.
 */
export const Ext = Type.Object(
  {
    ack: Type.Optional(
      Type.Union([Type.Boolean(), Type.Integer()], {
        description: 'Handshake: whether acknowledgement is wanted. Connect: the id of a batch.',
      }),
    ),
    replay: Type.Optional(
      Type.Record(Type.String(), Type.Integer(), { description: 'Channel to the position to go on after.' }),
    ),
    transcriptPosition: Type.Optional(
      Type.String({ description: 'On disconnect, what a mobile client has seen (gms-customer-api §6.5).' }),
    ),
  },
  { title: 'BayeuxExt' },
);
export type Ext = Type.Static<typeof Ext>;

const envelope = { id: Type.Optional(MessageId), ext: Type.Optional(Ext), advice: Type.Optional(Advice) };
const outcome = {
  successful: Type.Boolean(),
  error: Type.Optional(Type.String({ description: '`code:arguments:sentence`, as `402::Unknown client`.' })),
};

/** Opens a Bayeux session. */
export const HandshakeRequest = Type.Object(
  {
    channel: Type.Literal('/meta/handshake'),
    version: Type.String(),
    minimumVersion: Type.Optional(Type.String()),
    supportedConnectionTypes: Type.Array(Type.String()),
    ...envelope,
  },
  { title: 'HandshakeRequest' },
);

/** The answer to a handshake; `clientId` is there when it succeeded. */
export const HandshakeReply = Type.Object(
  {
    channel: Type.Literal('/meta/handshake'),
    version: Type.String(),
    minimumVersion: Type.Optional(Type.String()),
    supportedConnectionTypes: Type.Array(Type.String()),
    clientId: Type.Optional(ClientId),
    ...outcome,
    ...envelope,
  },
  { title: 'HandshakeReply' },
);

/** Asks for what there is to deliver; held until there is something or the time-out passes. */
export const ConnectRequest = Type.Object(
  {
    channel: Type.Literal('/meta/connect'),
    clientId: ClientId,
    connectionType: Type.Enum(['long-polling', 'callback-polling', 'websocket']),
    ...envelope,
  },
  { title: 'ConnectRequest' },
);

/** Ends the hold; deliveries stand before it in the same array. */
export const ConnectReply = Type.Object(
  { channel: Type.Literal('/meta/connect'), ...outcome, ...envelope },
  { title: 'ConnectReply' },
);

/** Subscribes to a channel, a wildcard (`*`, `**`), or several at once. */
export const SubscribeRequest = Type.Object(
  {
    channel: Type.Enum(['/meta/subscribe', '/meta/unsubscribe']),
    clientId: ClientId,
    subscription: Type.Union([Channel, Type.Array(Channel)]),
    ...envelope,
  },
  { title: 'SubscribeRequest' },
);

/** The answer to a subscribe or an unsubscribe. */
export const SubscribeReply = Type.Object(
  {
    channel: Type.Enum(['/meta/subscribe', '/meta/unsubscribe']),
    subscription: Type.Union([Channel, Type.Array(Channel)]),
    ...outcome,
    ...envelope,
  },
  { title: 'SubscribeReply' },
);

/** Ends a Bayeux session; it ends no chat. */
export const DisconnectRequest = Type.Object(
  { channel: Type.Literal('/meta/disconnect'), clientId: ClientId, ...envelope },
  { title: 'DisconnectRequest' },
);

/** The answer to a disconnect. */
export const DisconnectReply = Type.Object(
  { channel: Type.Literal('/meta/disconnect'), ...outcome, ...envelope },
  { title: 'DisconnectReply' },
);

/** Wraps a payload in the message that carries it to a client. */
export function deliveryOf(topic: string, payload: Type.TSchema): Type.TSchema {
  return Type.Object({ channel: Type.Literal(topic), data: payload, ext: Type.Optional(Ext) });
}
