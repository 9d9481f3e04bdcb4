/** WebSocket upgrades: origin, authentication, then a socket that speaks Bayeux. */

import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Core } from '../core.ts';
import { isBrowserId, readCookie } from './cookie.ts';
import type { Authentication, Mount } from './mount.ts';
import { judgeOrigin } from './origin.ts';
import { SocketOutlet } from './socket-outlet.ts';

/** One upgrade, as node:http hands it over. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly connection: Duplex;
  readonly head: Buffer;
}

/** Accepts WebSockets for one engine. */
export class WebSocketTransport<P> {
  readonly #core: Core<P>;
  readonly #server: WebSocketServer;

  constructor(core: Core<P>) {
    this.#core = core;
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: core.options.maxBodyBytes,
    });
  }

  /** Serves one upgrade under a mount. Never throws. */
  serve(mount: Mount<P>, upgrade: Upgrade): void {
    upgrade.connection.on('error', ignoreBrokenConnection);
    try {
      this.#admit(mount, upgrade);
    } catch (error) {
      this.#core.report(error);
      refuse(upgrade.connection, 500);
    }
  }

  #admit(mount: Mount<P>, upgrade: Upgrade): void {
    const { request, connection } = upgrade;
    const { origin, host } = request.headers;
    if (judgeOrigin(origin, host, mount.allowedOrigins) === 'refused') {
      this.#core.counters.originsRefused++;
      refuse(connection, 403);
      return;
    }
    if (this.#core.isClosing || !mount.connectionTypes.includes('websocket')) {
      refuse(connection, this.#core.isClosing ? 503 : 404);
      return;
    }
    const answer = mount.authenticate(request);
    if (!(answer instanceof Promise)) {
      this.#decide(mount, upgrade, answer);
      return;
    }
    answer
      .then((authentication) => this.#decide(mount, upgrade, authentication))
      .catch((error: unknown) => {
        this.#core.report(error);
        refuse(connection, 500);
      });
  }

  #decide(mount: Mount<P>, upgrade: Upgrade, authentication: Authentication<P>): void {
    const { request, connection, head } = upgrade;
    if ('refuse' in authentication) {
      this.#core.counters.requestsUnauthenticated++;
      const { status, headers, body } = authentication.refuse;
      refuse(connection, status, { headers: headers ?? {}, body: body ?? '' });
      return;
    }
    const cookie = readCookie(request.headers.cookie, mount.cookieName);
    const browserId = cookie !== undefined && isBrowserId(cookie) ? cookie : undefined;
    this.#server.handleUpgrade(request, connection, head, (webSocket) => {
      connection.off('error', ignoreBrokenConnection);
      const { principal } = authentication;
      const offered = mount.connectionTypes;
      new SocketOutlet<P>({ core: this.#core, webSocket, connection, principal, offered, browserId });
    });
  }
}

/** Until `ws` takes over, a reset connection must not end the process. */
function ignoreBrokenConnection(): void {}

function refuse(
  connection: Duplex,
  status: number,
  more: { readonly headers: Readonly<Record<string, string>>; readonly body: string } = {
    headers: {},
    body: '',
  },
): void {
  const headers = {
    ...more.headers,
    'Content-Length': String(Buffer.byteLength(more.body)),
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', ''].join('\r\n');
  connection.end(head + more.body, () => connection.destroy());
}
