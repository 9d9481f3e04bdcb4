/** HTTP requests: origin, authentication, body, then an exchange. Long-polling and callback-polling differ only at the ends. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Core } from '../core.ts';
import { type Caller, Exchange } from '../exchange/exchange.ts';
import { inLane, laneOf } from '../exchange/lane.ts';
import { parseBatch } from '../protocol/message.ts';
import { readCallbackRequest } from './callback-polling.ts';
import { readCookie } from './cookie.ts';
import { type HttpFailure, HttpOutlet } from './http-outlet.ts';
import { messagesText } from './long-polling.ts';
import type { Authentication, Mount } from './mount.ts';
import { judgeOrigin } from './origin.ts';
import { readBody } from './request-body.ts';

const noRawHeaders: string[] = [];
const noHeaders = {};

/** Serves one HTTP request under a mount. Never throws. */
export function serveHttp<P>(core: Core<P>, mount: Mount<P>, exchange: HttpExchange): void {
  const call = new HttpCall<P>(core, mount, exchange);
  try {
    call.serve();
  } catch (error) {
    core.report(error);
    call.fail(500);
  }
}

/** A request and its response, as node:http hands them over. */
export interface HttpExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse<IncomingMessage>;
}

/** One HTTP request on its way to an answer. Dropped as soon as its connect is held: the outlet alone stays. */
class HttpCall<P> {
  readonly core: Core<P>;
  readonly mount: Mount<P>;
  readonly request: IncomingMessage;
  readonly outlet: HttpOutlet<P>;
  principal: P | undefined = undefined;

  constructor(core: Core<P>, mount: Mount<P>, exchange: HttpExchange) {
    this.core = core;
    this.mount = mount;
    this.request = exchange.request;
    this.outlet = new HttpOutlet<P>(core, exchange.response);
  }

  serve(): void {
    const { mount, request } = this;
    const { headers } = request;
    if (headers.origin !== undefined) {
      const verdict = judgeOrigin(headers.origin, headers.host, mount.allowedOrigins);
      if (verdict === 'refused') {
        this.core.counters.originsRefused++;
        this.fail(403);
        return;
      }
      if (verdict === 'allowed') this.outlet.corsOrigin = headers.origin;
    }
    const isPost = request.method === 'POST' && mount.connectionTypes.includes('long-polling');
    const isScript = request.method === 'GET' && mount.connectionTypes.includes('callback-polling');
    if (isPost || isScript) this.authenticate();
    else if (request.method === 'OPTIONS') this.preflight();
    else this.fail(405, { headers: { Allow: 'POST, OPTIONS' } });
  }

  /** Answers without a Bayeux message. */
  fail(status: number, failure?: HttpFailure): void {
    // A body that nobody will read: the connection cannot be used again.
    this.outlet.fail(status, { ...failure, isLast: !this.request.complete });
  }

  /** The browser's question before a page's first request; the answer holds for two hours, the most that browsers accept. */
  preflight(): void {
    const headers = {
      'Access-Control-Allow-Methods': 'POST, GET, OPTIONS',
      'Access-Control-Allow-Headers': this.mount.allowedHeaders,
      'Access-Control-Max-Age': '7200',
    };
    this.fail(204, { headers });
  }

  authenticate(): void {
    const answer = this.mount.authenticate(this.request);
    if (!(answer instanceof Promise)) {
      this.admit(answer);
      return;
    }
    answer
      .then((authentication) => this.admit(authentication))
      .catch((error: unknown) => {
        this.core.report(error);
        this.fail(500);
      });
  }

  admit(authentication: Authentication<P>): void {
    if ('refuse' in authentication) {
      this.core.counters.requestsUnauthenticated++;
      this.fail(authentication.refuse.status, authentication.refuse);
      return;
    }
    this.principal = authentication.principal;
    if (this.request.method === 'GET') this.receiveQuery();
    else readBody(this.request, this.core.options.maxBodyBytes, this);
  }

  bodyRead(text: string): void {
    try {
      const contentType = this.request.headers['content-type'];
      if (contentType?.startsWith('application/x-www-form-urlencoded') === true)
        this.receive(messagesText(text));
      else this.receive([text]);
    } catch (error) {
      this.core.report(error);
      this.fail(500);
    }
  }

  bodyTooLarge(): void {
    this.core.counters.requestsTooLarge++;
    this.fail(413);
  }

  receiveQuery(): void {
    this.request.resume();
    const query = readCallbackRequest(this.request.url ?? '');
    if (query === undefined) {
      this.core.counters.requestsMalformed++;
      this.fail(400);
      return;
    }
    this.outlet.callback = query.callback;
    this.receive(query.texts);
  }

  receive(texts: readonly string[]): void {
    const { core } = this;
    let messages: readonly unknown[] = [];
    for (const text of texts) {
      const batch = parseBatch(text, core.options.maxMessagesPerBatch - messages.length);
      if (batch.kind === 'messages') {
        messages = messages.length === 0 ? batch.messages : [...messages, ...batch.messages];
        continue;
      }
      const isTooMany = batch.kind === 'tooMany';
      if (isTooMany) core.counters.requestsTooLarge++;
      else core.counters.requestsMalformed++;
      this.fail(isTooMany ? 413 : 400);
      return;
    }
    this.run(messages);
  }

  run(messages: readonly unknown[]): void {
    const { core, mount, outlet } = this;
    const caller: Caller<P> = {
      // Set by `admit`, before a body is read.
      principal: this.principal as P,
      offered: mount.connectionTypes,
      browserId: readCookie(this.request.headers.cookie, mount.cookieName),
      trustsClientId: mount.trustClientId,
      outlet,
      socket: undefined,
      drains: outlet.callback === undefined,
    };
    const exchange = new Exchange<P>(core, { caller, messages }, this);
    const lane = laneOf(core, messages);
    if (inLane(core, lane, exchange) === 'full') this.fail(503);
  }

  finished(exchange: Exchange<P>): void {
    if (exchange.newBrowserId !== undefined) this.outlet.cookie = this.mount.setCookie(exchange.newBrowserId);
    if (!exchange.isHeld) {
      exchange.send();
      return;
    }
    if (exchange.session !== undefined) this.outlet.watch(exchange.session);
    // Node keeps the request until its response is finished. Nobody reads its headers any more, and they are a sixth of it.
    this.request.rawHeaders = noRawHeaders;
    this.request.headers = noHeaders;
  }
}
