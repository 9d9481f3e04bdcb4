import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { takesIdempotencyKey } from '@parley/contract/idempotency.ts';
import { parseQuery } from '@parley/contract/gws/queries.ts';
import { parseParameters } from '@parley/contract/parameters.ts';
import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import {
  colonPath,
  routes,
  type PathParameters,
  type Route,
  type RouteKey,
  type RouteBody,
  type RouteQuery,
  type RouteReply,
} from '@parley/contract/routes.ts';
import type { RequestKeys } from '../../operations/request-keys.ts';
import { hasFeature } from '../../presence/features.ts';
import { sendFailure } from '../failure.ts';
import { Rendered } from '../rendered.ts';
import { idempotencyKeyOf, markReplayed } from '../idempotency.ts';
import type { RequestsUnderWay } from '../../limits/requests-under-way.ts';
import type { AgentDoor, SignedInAgent } from './agent-door.ts';

type AnyAgentRouteKey = {
  [Key in RouteKey]: (typeof routes)[Key]['auth'] extends 'agent' ? Key : never;
}[RouteKey];

/** Those whose bytes go through as they come; see `file-routes.ts`. */
export type StreamedAgentRouteKey = {
  [Key in AnyAgentRouteKey]: (typeof routes)[Key] extends { readonly stream: string } ? Key : never;
}[AnyAgentRouteKey];

/** The routes of the agent API whose bodies are read whole. */
export type AgentRouteKey = Exclude<AnyAgentRouteKey, StreamedAgentRouteKey>;

/** What a handler is given: a signed-in agent who has the feature, parameters and query read, the body as it came. */
export interface AgentRequest<Key extends AgentRouteKey> extends SignedInAgent {
  readonly parameters: PathParameters<Key>;
  readonly query: RouteQuery<Key>;
  readonly body: unknown;
}

type Outcome<Key extends AgentRouteKey> = RouteReply<Key> | Rendered | Refusal;

export type AgentHandlers = {
  readonly [Key in AgentRouteKey]: (request: AgentRequest<Key>) => Outcome<Key> | Promise<Outcome<Key>>;
};

type AnyHandler = (
  request: SignedInAgent & { parameters: unknown; query: unknown; body: unknown },
) => unknown;

/** The agent routes whose body is no operation. */
export type BodyRouteKey = {
  [Key in RouteKey]: (typeof routes)[Key] extends { readonly body: unknown } ? Key : never;
}[RouteKey];

/** Reads the declared fields of a JSON body; refused as `MissingParameter` or `InvalidParameter`. */
export function parseBody<Key extends BodyRouteKey>(key: Key, body: unknown): RouteBody<Key> | Refusal {
  if (body === undefined || body === null || body === '')
    return refuse('MissingParameter', 'The request has no body; it must be a JSON object.');
  if (typeof body !== 'object' || Array.isArray(body))
    return refuse('InvalidParameter', 'The request body must be a JSON object.');
  // The schema is that of the key, which TypeScript cannot follow through the table.
  return parseParameters(routes[key].body, body as Record<string, unknown>) as RouteBody<Key> | Refusal;
}

interface Ways {
  readonly door: AgentDoor;
  readonly requestKeys: RequestKeys;
  readonly underWay: RequestsUnderWay;
}

/**
 * Registers every agent route of the contract: sign-in, CSRF and feature before the body is read, then the query, then
 * the handler.
 */
export function registerAgentRoutes(
  server: FastifyInstance,
  { door, requestKeys, underWay }: Ways,
  handlers: AgentHandlers,
): void {
  const admitted = new WeakMap<FastifyRequest, SignedInAgent>();
  for (const [key, route] of Object.entries(routes) as [RouteKey, Route][]) {
    if (route.auth !== 'agent' || route.stream) continue;
    const handler = handlers[key as AgentRouteKey] as AnyHandler;
    server.route({
      method: route.method,
      url: colonPath(route.path),
      onRequest: async (request, reply) => {
        const signedIn = await admit(request, reply, { route, door });
        if (isRefusal(signedIn)) return sendFailure(reply, signedIn);
        admitted.set(request, signedIn);
        return undefined;
      },
      handler: async (request, reply) => {
        const signedIn = admitted.get(request);
        const work = { key: key as AgentRouteKey, route, handler, requestKeys, underWay };
        const outcome = signedIn
          ? await carryOutInTime(request, reply, { ...work, signedIn })
          : refuse('NotAuthenticated');
        // It was answered early.
        if (reply.sent) return reply;
        if (outcome instanceof Rendered) return sendRendered(reply, outcome);
        return isRefusal(outcome) ? sendFailure(reply, outcome) : reply.send(outcome);
      },
    });
  }
}

/** As a file to be saved: what people wrote never becomes a page of this origin. */
function sendRendered(reply: FastifyReply, { contentType, fileName, body }: Rendered): FastifyReply {
  return reply
    .header('content-type', contentType)
    .header('content-disposition', `attachment; filename="${fileName}"`)
    .header('x-content-type-options', 'nosniff')
    .send(body);
}

/** Lets a request in, or says why not. Sets cookie and CSRF headers on the reply. */
export async function admit(
  request: FastifyRequest,
  reply: FastifyReply,
  { route, door }: { readonly route: Route; readonly door: AgentDoor },
): Promise<SignedInAgent | Refusal> {
  const signedIn = await door.enter(request, reply);
  if (isRefusal(signedIn) || !route.feature || hasFeature(signedIn.agent, route.feature)) return signedIn;
  return refuse('NoPermission', `The user lacks the feature ${route.feature}.`);
}

interface Work {
  readonly key: AgentRouteKey;
  readonly route: Route;
  readonly handler: AnyHandler;
  readonly requestKeys: RequestKeys;
  readonly underWay: RequestsUnderWay;
  readonly signedIn: SignedInAgent;
}

/** What changes something may be answered before it has happened. */
async function carryOutInTime(request: FastifyRequest, reply: FastifyReply, work: Work): Promise<unknown> {
  const { key, route, underWay } = work;
  if (!takesIdempotencyKey(key, route)) return carryOutOnce(request, reply, work);
  const tell = (refusal: Refusal): void => void sendFailure(reply, refusal);
  return underWay.during(tell, () => carryOutOnce(request, reply, work));
}

/** What was done before under the request's idempotency key is answered again, and not done again. */
async function carryOutOnce(request: FastifyRequest, reply: FastifyReply, work: Work): Promise<unknown> {
  const { route, signedIn } = work;
  const key = takesIdempotencyKey(work.key, route) ? idempotencyKeyOf(request.headers) : undefined;
  if (key === undefined) return carryOut(request, signedIn, work);
  if (isRefusal(key)) return key;
  const { answer, isReplayed } = await work.requestKeys.ask<unknown>({
    key,
    scope: ['agent', signedIn.agent.agentId, work.key],
    content: `${request.method} ${request.url}\n${JSON.stringify(request.body)}`,
    carryOut: () => carryOut(request, signedIn, work),
    answerAgain: ({ answer: stored = usualAnswer }) => stored,
    follows: (given, { answer: stored = usualAnswer }) => JSON.stringify(given) === JSON.stringify(stored),
  });
  if (isReplayed && !isRefusal(answer)) markReplayed(reply);
  return answer;
}

/** What nearly every operation is answered with. */
const usualAnswer = { statusCode: 0 } as const;

async function carryOut(
  request: FastifyRequest,
  signedIn: SignedInAgent,
  { route, handler }: { readonly route: Route; readonly handler: AnyHandler },
): Promise<unknown> {
  const query = route.query ? parseQuery(route.query, request.query as Record<string, unknown>) : {};
  if (isRefusal(query)) return query;
  return handler({ ...signedIn, parameters: request.params, query, body: request.body });
}
