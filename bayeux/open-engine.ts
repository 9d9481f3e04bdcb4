/**
 * An engine that lets everybody do everything, for conformance suites that know nothing of ours: any origin, no login, open
 * subscribe and publish, all three transports, clientIds trusted without cookie, and an echo service. Not for production: a
 * server mounts it only when its configuration asks for it.
 */

import { BayeuxServer } from './server.ts';
import type { BayeuxServerOptions } from './options.ts';

/** How the open engine is set up. */
export interface OpenEngineOptions {
  /** Where it is mounted. */
  readonly path: string;
  /** How long a connect is held. Suites that wait for held connects want it short. */
  readonly timeoutMs: number;
  /** Anything else: bounds, error texts, hooks. */
  readonly engine?: BayeuxServerOptions<'anyone'>;
}

/**
 * Makes the open engine with its one mount. A publish to `/service/echo`, which is what `remoteCall('/echo', …)` sends, is
 * answered with its own data.
 */
export function openEngine(options: OpenEngineOptions): BayeuxServer<'anyone'> {
  const engine = new BayeuxServer<'anyone'>({
    ...options.engine,
    timeoutMs: options.timeoutMs,
    trustClientId: true,
    maxHoldsPerBrowser: -1,
  });
  engine.mount({
    path: options.path,
    authenticate: () => ({ principal: 'anyone' }),
    connectionTypes: ['websocket', 'long-polling', 'callback-polling'],
    allowedOrigins: () => true,
  });
  engine.onService('/service/echo', (_session, message, reply) => reply(message.data));
  return engine;
}
