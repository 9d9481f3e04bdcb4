import { createServer, type Server } from 'node:http';
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
} from 'fastify';
import type { BayeuxServer } from '@parley/bayeux/server.ts';
import { refuse } from '@parley/contract/refusals.ts';
import { decideCors } from '../auth/cors.ts';
import type { Config } from '../config/config.ts';
import type { PushPrincipal } from '../presence/push-principal.ts';
import { refusalOf, sendFailure } from './failure.ts';

export interface HttpServerOptions {
  readonly config: Config;
  readonly bayeux: BayeuxServer<PushPrincipal>;
  readonly logger: FastifyBaseLogger;
}

/** A request must be read within this time: a client that dribbles its body is cut off. */
const requestTimeoutMs = 30_000;
/** Longer than the longest hold, so that a poll's connection is kept for the next one. */
const keepAliveTimeoutMs = 72_000;

/**
 * The HTTP server: push requests go straight to the Bayeux engine, everything else to routes that are registered on
 * what this returns. Answers to requests that no route takes are refusals of the agent API.
 */
export function createHttpServer({ config, bayeux, logger }: HttpServerOptions): FastifyInstance {
  const server = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: config.limits.bodyBytes,
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 256 },
    serverFactory: (handler) => pushFirst(bayeux, handler),
  });
  server.addHook('onRequest', async (request, reply) => {
    const { method, headers } = request;
    const requestMethod = headers['access-control-request-method'];
    const decision = decideCors({ method, origin: headers.origin, requestMethod }, config.crossOrigin);
    reply.headers(decision.headers);
    reply.header('cache-control', 'no-store');
    if (decision.preflightStatus !== undefined) return reply.code(decision.preflightStatus).send();
    return undefined;
  });
  server.setNotFoundHandler((_request, reply) => sendFailure(reply, refuse('NotFound')));
  server.setErrorHandler((error: FastifyError, request, reply) =>
    sendFailure(reply, refusalOf(error, request)),
  );
  acceptEmptyJson(server);
  return server;
}

function pushFirst(bayeux: BayeuxServer<PushPrincipal>, handler: Parameters<typeof createServer>[1]): Server {
  const options = { requestTimeout: requestTimeoutMs, keepAliveTimeout: keepAliveTimeoutMs };
  const http = createServer(options, (request, response) => {
    if (bayeux.matches(request.url)) bayeux.handleRequest(request, response);
    else handler?.(request, response);
  });
  http.on('upgrade', (request, socket, head) => bayeux.handleUpgrade(request, socket, head));
  return http;
}

/**
 * WWE sends `Content-Type: application/json` with every GET and with POSTs that have no body (gws-agent-api §1.1): an
 * empty body is no error of its own, the operation's own check says what is missing.
 */
function acceptEmptyJson(server: FastifyInstance): void {
  // Forms and plain text are what a page of another origin can send without asking first.
  server.removeContentTypeParser('text/plain');
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeContentTypeParser('application/json');
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parse(request, String(body), done);
  });
}
