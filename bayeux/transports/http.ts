/** HTTP requests: origin, authentication, body, then an exchange. Long-polling and callback-polling differ only at the ends. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Core } from '../core.ts';
import { Exchange } from '../exchange/exchange.ts';
import type { Pending } from '../exchange/settle.ts';
import { isRecord, parseBatch } from '../protocol/message.ts';
import type { PushSession } from '../sessions/push-session.ts';
import { readCallbackRequest } from './callback-polling.ts';
import { readCookie } from './cookie.ts';
import { HttpOutlet } from './http-outlet.ts';
import { messagesText } from './long-polling.ts';
import type { Authentication, Mount } from './mount.ts';
import { judgeOrigin } from './origin.ts';
import { readBody } from './request-body.ts';

interface HttpRequest<P> {
  readonly core: Core<P>;
  readonly mount: Mount<P>;
  readonly request: IncomingMessage;
  readonly response: ServerResponse<IncomingMessage>;
  readonly corsOrigin: string | undefined;
}

/** Serves one HTTP request under a mount. Never throws. */
export function serveHttp<P>(
  core: Core<P>,
  mount: Mount<P>,
  exchange: { request: IncomingMessage; response: ServerResponse },
): void {
  const { request, response } = exchange;
  try {
    const { origin, host } = request.headers;
    const verdict = judgeOrigin(origin, host, mount.allowedOrigins);
    const corsOrigin = verdict === 'allowed' ? origin : undefined;
    const http = { core, mount, request, response, corsOrigin };
    if (verdict === 'refused') {
      core.counters.originsRefused++;
      fail(http, 403);
    } else if (request.method === 'OPTIONS') {
      preflight(http);
    } else if (request.method === 'POST' && mount.connectionTypes.includes('long-polling')) {
      authenticate(http, (principal) => receiveBody(http, principal));
    } else if (request.method === 'GET' && mount.connectionTypes.includes('callback-polling')) {
      authenticate(http, (principal) => receiveQuery(http, principal));
    } else {
      fail(http, 405, { headers: { Allow: 'POST, OPTIONS' } });
    }
  } catch (error) {
    core.report(error);
    if (!response.headersSent) response.writeHead(500).end();
  }
}

function fail<P>(http: HttpRequest<P>, status: number, more?: Parameters<HttpOutlet<P>['fail']>[1]): void {
  // A body that nobody will read: the connection cannot be used again.
  if (!http.request.complete) http.response.shouldKeepAlive = false;
  new HttpOutlet<P>(http).fail(status, more);
}

/** The browser's question before a page's first request; the answer holds for two hours, the most that browsers accept. */
function preflight<P>(http: HttpRequest<P>): void {
  const headers = {
    'Access-Control-Allow-Methods': 'POST, GET, OPTIONS',
    'Access-Control-Allow-Headers': http.mount.allowedHeaders,
    'Access-Control-Max-Age': '7200',
  };
  new HttpOutlet<P>(http).fail(204, { headers });
}

function authenticate<P>(http: HttpRequest<P>, goOn: (principal: P) => void): void {
  const answer = http.mount.authenticate(http.request);
  const admit = (authentication: Authentication<P>): void => {
    if ('principal' in authentication) {
      goOn(authentication.principal);
      return;
    }
    http.core.counters.requestsUnauthenticated++;
    const { status, headers, body } = authentication.refuse;
    fail(http, status, { ...(headers && { headers }), ...(body !== undefined && { body }) });
  };
  if (!(answer instanceof Promise)) {
    admit(answer);
    return;
  }
  answer.then(admit).catch((error: unknown) => {
    http.core.report(error);
    fail(http, 500);
  });
}

function receiveBody<P>(http: HttpRequest<P>, principal: P): void {
  readBody(http.request, http.core.options.maxBodyBytes, (body) => {
    try {
      if (body === 'tooLarge') {
        http.core.counters.requestsTooLarge++;
        fail(http, 413);
      } else {
        receive(http, { principal, texts: messagesText(body.text, http.request.headers['content-type']) });
      }
    } catch (error) {
      http.core.report(error);
      fail(http, 500);
    }
  });
}

function receiveQuery<P>(http: HttpRequest<P>, principal: P): void {
  http.request.resume();
  const query = readCallbackRequest(http.request.url ?? '');
  if (query === undefined) {
    http.core.counters.requestsMalformed++;
    fail(http, 400);
    return;
  }
  receive(http, { principal, texts: query.texts, callback: query.callback });
}

function receive<P>(
  http: HttpRequest<P>,
  received: { readonly principal: P; readonly texts: readonly string[]; readonly callback?: string },
): void {
  const { core } = http;
  const messages: unknown[] = [];
  for (const text of received.texts) {
    const batch = parseBatch(text, core.options.maxMessagesPerBatch - messages.length);
    if (batch.kind === 'messages') {
      messages.push(...batch.messages);
      continue;
    }
    const isTooMany = batch.kind === 'tooMany';
    if (isTooMany) core.counters.requestsTooLarge++;
    else core.counters.requestsMalformed++;
    fail(http, isTooMany ? 413 : 400);
    return;
  }
  answer(http, { ...received, messages });
}

function answer<P>(
  http: HttpRequest<P>,
  received: { readonly principal: P; readonly messages: readonly unknown[]; readonly callback?: string },
): void {
  const { core, mount, request } = http;
  const outlet = new HttpOutlet<P>({ ...http, callback: received.callback });
  const caller = {
    principal: received.principal,
    offered: mount.connectionTypes,
    browserId: readCookie(request.headers.cookie, mount.cookieName),
    trustsClientId: mount.trustClientId,
    outlet,
    socket: undefined,
    drains: received.callback === undefined,
  };
  const exchange = new Exchange<P>(core, { caller, messages: received.messages }, finish);
  function finish(finished: Exchange<P>): void {
    if (finished.newBrowserId !== undefined) outlet.cookie = mount.setCookie(finished.newBrowserId);
    if (!finished.isHeld) finished.send();
    else if (finished.session !== undefined) outlet.watch(finished.session);
  }
  const session = laneOf(core, received.messages);
  if (session === undefined || session.lane === undefined) {
    const pending = exchange.run();
    if (pending !== undefined && exchange.session !== undefined) occupy(exchange.session, pending);
  } else if (session.laneLength >= core.options.maxWaitingRequests) {
    core.counters.requestsOverLane++;
    fail(http, 503);
  } else {
    session.laneLength++;
    occupy(
      session,
      session.lane.then(() => {
        session.laneLength--;
        return exchange.run();
      }),
    );
  }
}

/** The session whose earlier requests this one waits for, if they wait for a policy. A lone connect waits for nobody. */
function laneOf<P>(core: Core<P>, messages: readonly unknown[]): PushSession<P> | undefined {
  const first = messages[0];
  if (!isRecord(first) || typeof first['clientId'] !== 'string') return undefined;
  if (messages.length === 1 && first['channel'] === '/meta/connect') return undefined;
  return core.sessions.get(first['clientId']);
}

/** Requests of one session that come one after the other are also worked through in that order. */
function occupy<P>(session: PushSession<P>, pending: Promise<Pending | void>): void {
  const lane: Promise<void> = pending.then(() => {
    if (session.lane === lane) session.lane = undefined;
  });
  session.lane = lane;
}
