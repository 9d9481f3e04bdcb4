/** The unmodified clients, by the name of the package they come from. */
export const cometdClients = ['cometd-3', 'cometd-5', 'cometd-7', 'cometd-8', 'cometd'] as const;
export type CometdClientName = (typeof cometdClients)[number];

export type ClientTransport = 'long-polling' | 'websocket';

/** Extensions of the CometD client by the name of their class, without "Extension". */
export type ClientExtension = 'Ack' | 'Reload' | 'TimeSync' | 'TimeStamp';

/** How a client is set up. The short back-off makes it come back at once after a cut, which is its own option. */
export type OpenOptions = {
  url: string;
  transport: ClientTransport;
  extensions: ClientExtension[];
  /** Channels subscribed to on every successful handshake, as CometD's manual tells applications to. */
  subscribeOnHandshake: string[];
  /** Headers that the client adds to its HTTP requests, such as `Authorization`. */
  requestHeaders?: Record<string, string>;
};

/** A reply or an event, as the client hands it to the application. */
export type ClientMessage = {
  channel: string;
  id?: string;
  successful?: boolean;
  clientId?: string;
  error?: string;
  data?: unknown;
  ext?: Record<string, unknown>;
  advice?: { reconnect?: string };
  subscription?: string | string[];
};

/** What the process around a client can be asked, with what it is given and what it gives back. */
export type ClientCalls = {
  /** Makes a new client object and shakes hands; the reply it gets. */
  open: { argument: OpenOptions; result: ClientMessage };
  subscribe: { argument: { channel: string }; result: ClientMessage };
  unsubscribe: { argument: { channel: string }; result: ClientMessage };
  publish: { argument: { channel: string; data: unknown }; result: ClientMessage };
  /** Publishes all within one `batch`; the replies in order. */
  batch: { argument: { channel: string; data: unknown }[]; result: ClientMessage[] };
  /** Subscribes and publishes on a channel within one `batch`, as chat widgets begin; both replies. */
  subscribeAndPublish: { argument: { channel: string; data: unknown }; result: ClientMessage[] };
  remoteCall: { argument: { target: string; data: unknown }; result: ClientMessage };
  /** Does what a page does that is reloaded: saves the session, throws the client away, opens a new one. */
  reload: { argument: Record<string, never>; result: ClientMessage };
  /** The id of the session, and the name of the transport in use. */
  state: { argument: Record<string, never>; result: { clientId: string; transport: string } };
  disconnect: { argument: Record<string, never>; result: ClientMessage };
};

export type ClientCallName = keyof ClientCalls;

/** From the test to the process. */
export type ClientCall = { call: number; name: ClientCallName; argument: unknown };

/** From the process to the test: the answer to a call, an event received, or a meta message the client saw. */
export type ClientReport =
  | { kind: 'answer'; call: number; result?: unknown; error?: string }
  | { kind: 'event'; message: ClientMessage }
  | { kind: 'meta'; message: ClientMessage };
