/** What a Bayeux server tells a client to do next (bayeux.md A.5). Times in milliseconds. */
export interface Advice {
  readonly reconnect: 'retry' | 'handshake' | 'none';
  /** Pause before the next connect. */
  readonly interval: number;
  /** How long the server holds a connect. */
  readonly timeout: number;
}

/** The keys of a Bayeux message that the client reads (bayeux.md A.1); everything else is left alone. */
export interface BayeuxMessage {
  readonly channel: string;
  readonly id?: string;
  readonly clientId?: string;
  readonly successful?: boolean;
  readonly error?: string;
  readonly subscription?: string;
  readonly data?: unknown;
  readonly advice?: Partial<Advice>;
  readonly ext?: { readonly ack?: unknown; readonly replay?: unknown };
}

/** A message that somebody published, or that the server addressed to this client. */
export interface Delivery {
  readonly channel: string;
  readonly data: unknown;
}

/**
 * Why a Bayeux request failed.
 *
 * - `network`: no usable reply; the request may or may not have been carried out.
 * - `http`: an HTTP status other than 2xx, in `code`.
 * - `refused`: a reply with `successful: false`; `code` is the number before the first colon of its `error`.
 * - `closed`: the client was not connected, or was closed meanwhile.
 */
export class BayeuxError extends Error {
  readonly kind: 'network' | 'http' | 'refused' | 'closed';
  readonly code: number | undefined;

  constructor(kind: BayeuxError['kind'], message: string, options: { code?: number; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'BayeuxError';
    this.kind = kind;
    this.code = options.code;
  }
}

/** The error that a refused reply stands for. */
export function refusal(reply: BayeuxMessage): BayeuxError {
  const error = reply.error ?? 'refused without a reason';
  const code = Number.parseInt(error, 10);
  return new BayeuxError('refused', `${reply.channel}: ${error}`, Number.isNaN(code) ? {} : { code });
}

/** Deliveries carry `data` and never `successful`; replies the other way round (bayeux.md A.1). */
export function isDelivery(message: BayeuxMessage): message is BayeuxMessage & Delivery {
  return 'data' in message && message.successful === undefined && !message.channel.startsWith('/meta/');
}

/** The position of a delivery on a channel that is replayed (`ext.replay.position`). */
export function readPosition(replay: unknown): number | undefined {
  if (typeof replay !== 'object' || replay === null || !('position' in replay)) return undefined;
  return typeof replay.position === 'number' ? replay.position : undefined;
}
