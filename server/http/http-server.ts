import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
} from 'fastify';
import { refuse } from '@parley/contract/refusals.ts';
import { decideCors } from '../auth/cors.ts';
import type { Config } from '../config/config.ts';
import { refusalOf, sendFailure } from './failure.ts';

/** What a request can be handed to before the routes are asked. */
interface PushEngine {
  matches(url: string | undefined): unknown;
  handleRequest(request: IncomingMessage, response: ServerResponse): void;
  handleUpgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void;
}

export interface HttpServerOptions {
  readonly config: Config;
  /** Each takes the requests and upgrades below its mounts. */
  readonly pushEngines: readonly PushEngine[];
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
export function createHttpServer({ config, pushEngines, logger }: HttpServerOptions): FastifyInstance {
  const server = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: config.limits.bodyBytes,
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 256 },
    serverFactory: (handler) => pushFirst(pushEngines, handler),
  });
  // With a callback and not a promise: every request comes through here, and few come from another page.
  server.addHook('onRequest', (request, reply, done) => {
    const { method, headers } = request;
    const requestMethod = headers['access-control-request-method'];
    const decision = decideCors({ method, origin: headers.origin, requestMethod }, config.crossOrigin);
    reply.headers(decision.headers);
    reply.header('cache-control', 'no-store');
    if (decision.preflightStatus === undefined) done();
    else reply.code(decision.preflightStatus).send();
  });
  server.setNotFoundHandler((_request, reply) => sendFailure(reply, refuse('NotFound')));
  server.setErrorHandler((error: FastifyError, request, reply) =>
    sendFailure(reply, refusalOf(error, request)),
  );
  acceptEmptyJson(server);
  return server;
}

function pushFirst(engines: readonly PushEngine[], handler: Parameters<typeof createServer>[1]): Server {
  const options = { requestTimeout: requestTimeoutMs, keepAliveTimeout: keepAliveTimeoutMs };
  const engineOf = (url: string | undefined): PushEngine | undefined =>
    engines.find((engine) => engine.matches(url) !== undefined);
  const http = createServer(options, (request, response) => {
    const engine = engineOf(request.url);
    if (engine) engine.handleRequest(request, response);
    else handler?.(request, response);
  });
  http.on('upgrade', (request, socket, head) => {
    const engine = engineOf(request.url);
    if (engine) engine.handleUpgrade(request, socket, head);
    else socket.destroy();
  });
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
