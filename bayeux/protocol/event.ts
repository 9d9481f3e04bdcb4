/** A delivered event, serialised once however many sessions receive it. */

import { subscriptionsMatching } from './channel.ts';

/** What an event may carry besides channel and payload. */
export interface EventOptions {
  /** The id of the request this event answers: how `remoteCall` finds its answer. Never set on a broadcast. */
  readonly id?: string | number;
  /** The event's place in its channel's log, for sessions that asked for replay. A safe integer. */
  readonly position?: number;
  /** An event that may wait for the next one that may not, or for the lazy timer. */
  readonly lazy?: boolean;
  /** An RFC 1123 date, put on the event by the timestamp extension. */
  readonly timestamp?: string;
  /** The `binary` part of a message's `ext`, passed through as it came. */
  readonly binaryJson?: string;
  /** When what the event tells was accepted, on any clock of the user's: `onSent` gives it back. */
  readonly acceptedAtMs?: number | undefined;
}

/** An event ready to be written. Immutable to its users; the wire forms it caches are made on first need. */
export class PreparedEvent {
  readonly channel: string;
  readonly position: number | undefined;
  readonly lazy: boolean;
  readonly acceptedAtMs: number | undefined;
  /** The event as a JSON object. */
  readonly json: string;
  /** Length of `json` in UTF-8 bytes: what queue bounds count. */
  readonly byteLength: number;
  #positioned: string | undefined;
  #frame: Buffer | undefined;
  #matching: readonly string[] | undefined;
  #lazyTwin: PreparedEvent | undefined;

  constructor(
    channel: string,
    json: string,
    options: { position?: number | undefined; lazy: boolean; acceptedAtMs?: number | undefined },
  ) {
    this.channel = channel;
    this.json = json;
    this.byteLength = Buffer.byteLength(json);
    this.position = options.position;
    this.lazy = options.lazy;
    this.acceptedAtMs = options.acceptedAtMs;
  }

  /** The event with its position in `ext`, for sessions that negotiated replay. */
  get positionedJson(): string {
    if (this.position === undefined) return this.json;
    this.#positioned ??= this.json.slice(0, -1) + `,"ext":{"replay":{"position":${this.position}}}}`;
    return this.#positioned;
  }

  /** Subscription names that match the event's channel, the channel first. */
  get matching(): readonly string[] {
    this.#matching ??= subscriptionsMatching(this.channel);
    return this.#matching;
  }

  /** The same event, marked as lazy. */
  get asLazy(): PreparedEvent {
    if (this.lazy) return this;
    const { position, acceptedAtMs } = this;
    this.#lazyTwin ??= new PreparedEvent(this.channel, this.json, { position, lazy: true, acceptedAtMs });
    return this.#lazyTwin;
  }

  /** A WebSocket text frame that holds an array of this event alone, made by `render` once for all its receivers. */
  frame(render: (text: string) => Buffer): Buffer {
    this.#frame ??= render(`[${this.json}]`);
    return this.#frame;
  }
}

/**
 * Prepares an event on a channel. `data` is anything JSON can hold; `undefined` becomes `null`, since an event without
 * `data` would read as a reply. Throws a TypeError when `data` cannot be serialised (a cycle, a BigInt).
 */
export function prepareEvent(channel: string, data: unknown, options: EventOptions = {}): PreparedEvent {
  let json = options.id === undefined ? '{' : `{"id":${JSON.stringify(options.id)},`;
  json += `"channel":${JSON.stringify(channel)},"data":${JSON.stringify(data) ?? 'null'}`;
  if (options.timestamp !== undefined) json += `,"timestamp":"${options.timestamp}"`;
  if (options.binaryJson !== undefined) json += `,"ext":{"binary":${options.binaryJson}}`;
  const position = options.binaryJson === undefined ? options.position : undefined;
  const { acceptedAtMs } = options;
  return new PreparedEvent(channel, json + '}', { position, lazy: options.lazy === true, acceptedAtMs });
}
