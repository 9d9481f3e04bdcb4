/** An engine without sockets for specs: requests in, whole replies out, a clock that stands still, ids that count. */

import { Core } from '../core.ts';
import { type BayeuxServerOptions, resolveOptions } from '../options.ts';
import type { PreparedEvent } from '../protocol/event.ts';
import type { ConnectionType } from '../protocol/handshake.ts';
import { ManualClock } from '../sessions/manual-clock.ts';
import type { Outlet } from '../sessions/outlet.ts';
import type { PushSession } from '../sessions/push-session.ts';
import { Exchange } from './exchange.ts';
import { inLane, laneOf } from './lane.ts';

/** One request and what came back for it: undefined while it is held. */
export class SpecRequest implements Outlet<string> {
  readonly isOneShot = true;
  reply: readonly unknown[] | undefined = undefined;
  /** What the session would get back if the connection broke. */
  events: readonly PreparedEvent[] = [];
  isSuperseded = false;
  setCookie: string | undefined = undefined;

  send(text: string, events: readonly PreparedEvent[]): void {
    if (this.reply !== undefined || this.isSuperseded) throw new Error('answered twice');
    this.reply = JSON.parse(`[${text}]`) as unknown[];
    this.events = events;
  }

  supersede(): void {
    if (this.reply !== undefined) throw new Error('superseded after its answer');
    this.isSuperseded = true;
  }
}

/** From whom and how a spec's request comes. */
export interface SpecCaller {
  readonly principal?: string;
  readonly browserId?: string | undefined;
  readonly offered?: readonly ConnectionType[];
  readonly drains?: boolean;
}

/** A core to be driven by a spec. */
export class SpecEngine {
  readonly clock = new ManualClock();
  readonly core: Core<string>;
  readonly errors: unknown[] = [];
  readonly ended: string[] = [];
  #ids = 0;

  constructor(options: BayeuxServerOptions<string> = {}) {
    this.core = new Core<string>(
      resolveOptions<string>({
        clock: this.clock,
        randomId: () => `id${++this.#ids}`,
        random: () => 0.5,
        trustClientId: true,
        ...options,
        hooks: {
          onError: (error) => void this.errors.push(error),
          onSessionEnd: (session, reason) => void this.ended.push(`${session.id} ${reason}`),
          ...options.hooks,
        },
      }),
    );
  }

  /** Sends messages in one request. */
  send(messages: unknown, caller: SpecCaller = {}): SpecRequest {
    const { exchange, outlet } = this.#request(messages, caller);
    void exchange.run();
    return outlet;
  }

  /** The same as an HTTP transport does it: behind the session's earlier requests. Undefined when too many wait. */
  post(messages: unknown): SpecRequest | undefined {
    const { exchange, outlet } = this.#request(messages, {});
    const isTaken = inLane(this.core, laneOf(this.core, exchange.messages), exchange) === 'run';
    return isTaken ? outlet : undefined;
  }

  #request(messages: unknown, caller: SpecCaller): { exchange: Exchange<string>; outlet: SpecRequest } {
    const outlet = new SpecRequest();
    const list = Array.isArray(messages) ? messages : [messages];
    const exchange = new Exchange<string>(
      this.core,
      {
        messages: JSON.parse(JSON.stringify(list)) as unknown[],
        caller: {
          principal: caller.principal ?? 'alice',
          offered: caller.offered ?? ['websocket', 'long-polling'],
          browserId: caller.browserId,
          trustsClientId: this.core.options.trustClientId,
          outlet,
          socket: undefined,
          drains: caller.drains ?? true,
        },
      },
      {
        finished: (finished) => {
          outlet.setCookie = finished.newBrowserId;
          if (!finished.isHeld) finished.send();
        },
      },
    );
    return { exchange, outlet };
  }

  /** Shakes hands; the session. */
  handshake(ext?: object, caller: SpecCaller = {}): PushSession<string> {
    const [reply] = this.send({ channel: '/meta/handshake', version: '1.0', ext }, caller).reply ?? [];
    const session = this.core.sessions.get((reply as { clientId: string }).clientId);
    if (session === undefined) throw new Error(`no session: ${JSON.stringify(reply)}`);
    return session;
  }

  /** Shakes hands and connects for the first time, which is answered at once. */
  connected(ext?: object, caller: SpecCaller = {}): PushSession<string> {
    const session = this.handshake(ext, caller);
    this.connect(session, {}, caller);
    return session;
  }

  /** Sends a connect. */
  connect(session: PushSession<string>, fields: object = {}, caller: SpecCaller = {}): SpecRequest {
    return this.send(
      { channel: '/meta/connect', clientId: session.id, connectionType: 'long-polling', ...fields },
      caller,
    );
  }

  /** Subscribes. */
  subscribe(session: PushSession<string>, subscription: string | string[], ext?: object): SpecRequest {
    return this.send({ channel: '/meta/subscribe', clientId: session.id, subscription, ext });
  }

  /** Publishes an event from the server, and ends the turn. */
  publish(channel: string, content: unknown): void {
    this.core.publish(this.core.prepare(channel, content));
    this.core.delivery.flush();
  }
}

/** Lets promises that are already settled have their say. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}
