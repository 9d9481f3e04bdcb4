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
import type { Traffic } from '../telemetry/traffic.ts';
import { failureBody, refusalOf, sendFailure } from './failure.ts';
import { isUploading } from './upload-pace.ts';

/** What a request can be handed to before the routes are asked. */
interface PushEngine {
  matches(url: string | undefined): unknown;
  handleRequest(request: IncomingMessage, response: ServerResponse): void;
  handleUpgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void;
}

/** Takes the requests that are its own, and says of others that they are not. */
interface Door {
  take(request: IncomingMessage, response: ServerResponse): boolean;
}

export interface HttpServerOptions {
  readonly config: Config;
  /** Each takes the requests and upgrades below its mounts. */
  readonly pushEngines: readonly PushEngine[];
  /** Where customers come in. */
  readonly customerDoor: Door;
  readonly logger: FastifyBaseLogger;
  readonly traffic: Traffic;
}

/** How often connections are looked at whose requests may have taken too long, at most. */
const longestCheckMs = 30_000;
/** Longer than the longest hold, so that a poll's connection is kept for the next one. */
const keepAliveTimeoutMs = 72_000;

/**
 * The HTTP server: push requests go straight to the Bayeux engine, customers' to their door, everything else to routes
 * that are registered on what this returns. Answers to requests that nobody takes are refusals of the agent API.
 */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const { config, logger, traffic } = options;
  const server = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: config.limits.bodyBytes,
    forceCloseConnections: true,
    clientErrorHandler: refuseBytes,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 256 },
    serverFactory: (handler) => frequentFirst(options, handler),
  });
  server.decorate('traffic', traffic);
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

const byteRefusals: Readonly<Record<string, readonly [status: string, sentence: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers of the request are too long.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not come in time.'],
};

/**
 * What is no HTTP, too much of it, or too slow: refused like everything else, and the connection is closed. Node says once
 * of a request that its time is over; an upload has bounds of its own.
 */
function refuseBytes(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && isUploading(socket)) return;
  // The other side went away, or hears an answer already.
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy(error);
  const known = byteRefusals[error.code ?? ''];
  const [status, sentence] = known ?? ['400 Bad Request', 'The request is not valid HTTP.'];
  const body = JSON.stringify(failureBody(refuse('InvalidParameter', sentence)));
  const headers = `Content-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}`;
  socket.end(`HTTP/1.1 ${status}\r\n${headers}\r\nConnection: close\r\n\r\n${body}`);
}

function frequentFirst(
  { config, pushEngines, customerDoor, traffic }: HttpServerOptions,
  handler: Parameters<typeof createServer>[1],
): Server {
  const { requestTimeoutMs } = config.limits;
  const options = {
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(requestTimeoutMs, longestCheckMs),
    keepAliveTimeout: keepAliveTimeoutMs,
  };
  const { requests } = traffic;
  const engineOf = (url: string | undefined): PushEngine | undefined =>
    pushEngines.find((engine) => engine.matches(url) !== undefined);
  const http = createServer(options, (request, response) => {
    const engine = engineOf(request.url);
    if (engine) {
      requests.push += 1;
      engine.handleRequest(request, response);
    } else if (customerDoor.take(request, response)) requests.customer += 1;
    else {
      requests[request.url?.startsWith('/api/') ? 'agent' : 'other'] += 1;
      handler?.(request, response);
    }
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
