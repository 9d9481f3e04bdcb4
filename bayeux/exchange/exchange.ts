/** One request's messages, in order, and what goes back for them. */

import type { Core } from '../core.ts';
import { errorText, type ErrorCase } from '../protocol/error-texts.ts';
import type { ConnectionType } from '../protocol/handshake.ts';
import { isRecord } from '../protocol/message.ts';
import { idJson, renderReply, type ReplyFields } from '../protocol/reply.ts';
import { joined } from '../sessions/delivery.ts';
import type { Outlet } from '../sessions/outlet.ts';
import type { PushSession } from '../sessions/push-session.ts';
import type { SocketOutlet } from '../transports/socket-outlet.ts';
import { handleMessage } from './handle-message.ts';
import type { Pending } from './settle.ts';

/** Who sent a request, by what way. */
export interface Caller<P> {
  readonly principal: P;
  /** The transports a handshake is offered. */
  readonly offered: readonly ConnectionType[];
  /** The value of the browser's cookie. */
  readonly browserId: string | undefined;
  /** True when a session may be used without the cookie of the browser that made it. */
  readonly trustsClientId: boolean;
  readonly outlet: Outlet<P>;
  /** The WebSocket the request came over. */
  readonly socket: SocketOutlet<P> | undefined;
  /** True when queued events may travel with any reply: everywhere but in callback-polling. */
  readonly drains: boolean;
}

/** The state of one request. A transport makes one, runs it, and is told by `finished`. */
export class Exchange<P> {
  readonly core: Core<P>;
  readonly caller: Caller<P>;
  readonly messages: readonly unknown[];
  /** The session the last message belonged to. */
  session: PushSession<P> | undefined = undefined;
  /** The only connect is held: there is nothing to answer yet. */
  isHeld = false;
  /** A connect is among the replies: then events may go with them on every transport. */
  hasConnectReply = false;
  /** A browser id that the response has to give out as a cookie. */
  newBrowserId: string | undefined = undefined;
  #events = '';
  #replies = '';
  readonly #transport: { finished(exchange: Exchange<P>): void };

  constructor(
    core: Core<P>,
    request: { readonly caller: Caller<P>; readonly messages: readonly unknown[] },
    transport: { finished(exchange: Exchange<P>): void },
  ) {
    this.core = core;
    this.caller = request.caller;
    this.messages = request.messages;
    this.#transport = transport;
  }

  /** Works through the messages. Undefined when everything was answered in this turn. */
  run(): Pending {
    this.core.counters.messagesIn += this.messages.length;
    return this.#step(0);
  }

  #step(from: number): Pending {
    for (let at = from; at < this.messages.length; at++) {
      let pending: Pending;
      try {
        pending = handleMessage(this, this.messages[at]);
      } catch (error) {
        this.#fail(error, this.messages[at]);
      }
      if (pending === undefined) continue;
      this.#leaveBatch();
      return pending.then(
        () => this.#step(at + 1),
        (error: unknown) => {
          this.#fail(error, this.messages[at]);
          return this.#step(at + 1);
        },
      );
    }
    this.#finish();
    return undefined;
  }

  /** An error of ours: the client hears that its message went nowhere, `onError` hears why. */
  #fail(error: unknown, message: unknown): void {
    this.core.report(error);
    const { channel, id } = isRecord(message) ? message : {};
    this.refuse({
      channel: typeof channel === 'string' ? channel : undefined,
      idJson: idJson(id),
      error: 'messageDeleted',
    });
  }

  /** Marks the session whose messages are being processed: what they cause travels with their replies. */
  enter(session: PushSession<P>): void {
    if (this.session !== undefined && this.session !== session) this.#leaveBatch();
    this.session = session;
    session.isBatching = true;
  }

  /** Adds a reply. */
  reply(json: string): void {
    this.#replies += this.#replies === '' ? json : ',' + json;
  }

  /** Adds events that have to go with a reply already added: `joined` text, every event followed by a comma. */
  addEvents(text: string): void {
    this.#events += text;
  }

  /** Adds a reply that refuses, with the error text of a case. */
  refuse(
    fields: Omit<ReplyFields, 'error'> & { readonly error: ErrorCase; readonly argument?: string },
  ): void {
    this.core.counters.messagesRefused++;
    const error = errorText(this.core.options.errorTexts, fields.error, fields.argument);
    this.reply(renderReply({ ...fields, error, timestamp: this.core.delivery.timestamp() }));
  }

  #leaveBatch(): void {
    const session = this.session;
    if (session === undefined) return;
    session.isBatching = false;
    if (session.queue?.isUrgent === true) this.core.delivery.wake(session);
  }

  #finish(): void {
    const session = this.session;
    if (session !== undefined) session.isBatching = false;
    this.#transport.finished(this);
    if (session?.queue?.isUrgent === true) this.core.delivery.wake(session);
  }

  /** Hands the outlet everything this exchange has to say. For transports, once `finished` was called. */
  send(): void {
    const { outlet } = this.caller;
    const session = this.session;
    if (session === undefined || !this.#mayDrain(session)) {
      outlet.send(this.#events + this.#replies, [], session);
      return;
    }
    const events = this.core.delivery.take(session);
    const text = this.#events + joined(events, session) + this.#replies;
    outlet.send(text, events, session);
  }

  #mayDrain(session: PushSession<P>): boolean {
    if (!(this.caller.drains || this.hasConnectReply) || !session.isLive || session.ack !== undefined)
      return false;
    const { socket } = this.caller;
    return socket === undefined || (session.socket === socket && !socket.isCongested);
  }
}
