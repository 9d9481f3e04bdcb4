/** One HTTP response: answered at once, or held until there is something to say. */

import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Core } from '../core.ts';
import type { PreparedEvent } from '../protocol/event.ts';
import type { Outlet } from '../sessions/outlet.ts';
import type { PushSession } from '../sessions/push-session.ts';
import { type TimerOwner, WheelTimer } from '../sessions/timer-wheel.ts';

/** An answer that holds no Bayeux message. */
export interface HttpFailure {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The connection is of no use afterwards: the rest of the request will not be read. */
  readonly isLast?: boolean;
}

/** The way out of one HTTP request. */
export class HttpOutlet<P> implements Outlet<P>, TimerOwner {
  readonly isOneShot = true;
  /** The `Origin` to allow in the response; undefined for requests that did not come from another site's page. */
  corsOrigin: string | undefined = undefined;
  /** The function to call in a callback-polling response. */
  callback: string | undefined = undefined;
  /** `Set-Cookie` for this response. */
  cookie: string | undefined = undefined;
  readonly #core: Core<P>;
  readonly #response: ServerResponse<IncomingMessage>;
  #session: PushSession<P> | undefined = undefined;
  #events: readonly PreparedEvent[] = none;
  #slowTimer: WheelTimer | undefined = undefined;

  constructor(core: Core<P>, response: ServerResponse<IncomingMessage>) {
    this.#core = core;
    this.#response = response;
  }

  /** Watches the connection while a connect of this session is held on it. */
  watch(session: PushSession<P>): void {
    this.#session = session;
    if (this.#response.destroyed) this.#closed();
    else this.#response.on('close', () => this.#closed());
  }

  send(text: string, events: readonly PreparedEvent[], session: PushSession<P> | undefined): void {
    const response = this.#response;
    if (response.destroyed || response.headersSent) {
      if (session !== undefined) this.#core.delivery.putBack(session, events);
      return;
    }
    if (events.length > 0 && session !== undefined) {
      if (this.#session === undefined) this.watch(session);
      this.#events = events;
    }
    if (this.callback === undefined) this.#write(`[${text}]`, 'application/json;charset=UTF-8');
    else this.#write(scriptOf(this.callback, `[${text}]`), 'text/javascript;charset=UTF-8');
  }

  supersede(): void {
    this.fail(this.#core.options.supersededStatus);
  }

  /** Answers without a Bayeux message. */
  fail(status: number, failure: HttpFailure = {}): void {
    if (this.#response.destroyed || this.#response.headersSent) return;
    if (failure.isLast === true) this.#response.shouldKeepAlive = false;
    const headers: OutgoingHttpHeaders = { ...failure.headers };
    if (status !== 204) headers['Content-Length'] = Buffer.byteLength(failure.body ?? '');
    this.#response.writeHead(status, this.#withCors(headers)).end(failure.body);
  }

  timerFired(): void {
    this.#core.counters.slowReadersCut++;
    this.#response.destroy();
  }

  #write(body: string, contentType: string): void {
    const response = this.#response;
    const headers: OutgoingHttpHeaders = {
      'Content-Type': contentType,
      'Content-Length': Buffer.byteLength(body),
    };
    if (this.cookie !== undefined) headers['Set-Cookie'] = this.cookie;
    if (this.callback !== undefined) Object.assign(headers, scriptHeaders);
    response.writeHead(200, this.corsOrigin === undefined ? headers : this.#withCors(headers));
    response.end(body);
    const unwritten = response.socket?.writableLength ?? 0;
    if (unwritten > 0) this.#expectReader();
  }

  #withCors(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
    if (this.corsOrigin === undefined) return headers;
    headers['Access-Control-Allow-Origin'] = this.corsOrigin;
    headers['Access-Control-Allow-Credentials'] = 'true';
    headers['Vary'] = 'Origin';
    return headers;
  }

  /** The kernel did not take it all: the client has so long to read the rest. */
  #expectReader(): void {
    this.#slowTimer = new WheelTimer(this);
    this.#core.wheel.arm(this.#slowTimer, this.#core.options.slowReaderTimeoutMs);
    if (this.#session === undefined) this.#response.on('close', () => this.#closed());
  }

  #closed(): void {
    const { delivery, wheel } = this.#core;
    const session = this.#session;
    if (this.#slowTimer !== undefined) wheel.remove(this.#slowTimer);
    if (session === undefined) return;
    if (session.hold?.outlet === this) delivery.unhold(session);
    else if (!this.#response.writableFinished) delivery.putBack(session, this.#events);
    this.#events = none;
    this.#session = undefined;
  }
}

const none: readonly PreparedEvent[] = [];

const scriptHeaders = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Content-Disposition': 'attachment; filename=f.txt',
};

/** JSON is not quite a subset of JavaScript of old: two line separators have to be escaped. */
function scriptOf(callback: string, json: string): string {
  const safe = json.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
  return `/**/${callback}(${safe});`;
}
