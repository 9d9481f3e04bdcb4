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

const Batch = Type.Integer({ minimum: 0, description: 'A batch of deliveries, numbered from 1.' });
const Timesync = Type.Unknown({ description: 'CometD timesync extension: the clocks of both sides.' });

/**
 * The acknowledgement and replay extensions, as both sides agree on them in the handshake: `true` asks, `true` grants.
 * With `ack` what was not acknowledged is sent again; with `replay` a subscriber goes on from a position it kept.
 */
export const HandshakeExt = Type.Object(
  {
    ack: Type.Optional(Type.Boolean({ description: 'Whether deliveries are acknowledged.' })),
    replay: Type.Optional(Type.Boolean({ description: 'Whether channels are replayed from a position.' })),
    timesync: Type.Optional(Timesync),
  },
  { title: 'HandshakeExt' },
);

/** On a request the last batch received, on a reply the batch that it closes (CometD acknowledge extension). */
export const ConnectExt = Type.Object(
  { ack: Type.Optional(Batch), timesync: Type.Optional(Timesync) },
  { title: 'ConnectExt' },
);

/** The position to go on after, by channel without wildcards; -1 is the beginning (replay extension). */
export const SubscribeExt = Type.Object(
  { replay: Type.Optional(Type.Record(Type.String(), Type.Integer({ minimum: -1 }))) },
  { title: 'SubscribeExt' },
);

/** Where a delivery stands in its channel; kept by the client for its next subscribe (replay extension). */
export const DeliveryExt = Type.Object(
  { replay: Type.Optional(Type.Object({ position: Type.Integer({ minimum: 0 }) })) },
  { title: 'DeliveryExt' },
);

/** What a mobile client has seen before it goes to the background (gms-customer-api §6.5). */
export const DisconnectExt = Type.Object(
  { transcriptPosition: Type.Optional(Type.String()) },
  { title: 'DisconnectExt' },
);

const envelope = { id: Type.Optional(MessageId), advice: Type.Optional(Advice) };
const outcome = {
  successful: Type.Boolean(),
  error: Type.Optional(Type.String({ description: '`code:arguments:sentence`, as `402::Unknown client`.' })),
};

/** Opens a Bayeux session. */
export const HandshakeRequest = Type.Object(
  {
    channel: Type.Literal('/meta/handshake'),
    version: Type.Optional(Type.String({ description: 'Required by Bayeux; old clients leave it out.' })),
    minimumVersion: Type.Optional(Type.String()),
    supportedConnectionTypes: Type.Optional(Type.Array(Type.String())),
    ext: Type.Optional(HandshakeExt),
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
    ext: Type.Optional(HandshakeExt),
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
    ext: Type.Optional(ConnectExt),
    ...envelope,
  },
  { title: 'ConnectRequest' },
);

/** Ends the hold; deliveries stand before it in the same array. */
export const ConnectReply = Type.Object(
  { channel: Type.Literal('/meta/connect'), ...outcome, ext: Type.Optional(ConnectExt), ...envelope },
  { title: 'ConnectReply' },
);

/** Subscribes to a channel, a wildcard (`*`, `**`), or several at once. */
export const SubscribeRequest = Type.Object(
  {
    channel: Type.Enum(['/meta/subscribe', '/meta/unsubscribe']),
    clientId: ClientId,
    subscription: Type.Union([Channel, Type.Array(Channel)]),
    ext: Type.Optional(SubscribeExt),
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
    ext: Type.Optional(SubscribeExt),
    ...envelope,
  },
  { title: 'SubscribeReply' },
);

/** Ends a Bayeux session; it ends no chat. */
export const DisconnectRequest = Type.Object(
  {
    channel: Type.Literal('/meta/disconnect'),
    clientId: ClientId,
    ext: Type.Optional(DisconnectExt),
    ...envelope,
  },
  { title: 'DisconnectRequest' },
);

/** The answer to a disconnect. */
export const DisconnectReply = Type.Object(
  { channel: Type.Literal('/meta/disconnect'), ...outcome, ext: Type.Optional(DisconnectExt), ...envelope },
  { title: 'DisconnectReply' },
);

/** Wraps a payload in the message that carries it to a client. */
export function deliveryOf(topic: string, payload: Type.TSchema): Type.TSchema {
  return Type.Object({ channel: Type.Literal(topic), data: payload, ext: Type.Optional(DeliveryExt) });
}
