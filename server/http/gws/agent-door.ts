import type { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Authentication } from '@parley/bayeux/transports/mount.ts';
import { refusals, refuse, retryAfter, type Refusal } from '@parley/contract/refusals.ts';
import type { Authenticator } from '../../auth/authenticator.ts';
import { clearSessionCookie, cookiePolicy, setSessionCookie } from '../../auth/cookies.ts';
import { csrfHeaderName, csrfHeaders, hasCsrfToken, mayUseCookie } from '../../auth/csrf.ts';
import type { LoginSession, LoginSessions } from '../../auth/login-sessions.ts';
import type { SignIn, SignInRefusal } from '../../auth/sign-in.ts';
import type { ClientAddresses } from '../../auth/client-addresses.ts';
import type { Config } from '../../config/config.ts';
import type { AgentId } from '../../domain/ids.ts';
import type { RequestLimits } from '../../limits/request-limits.ts';
import type { PushPrincipal } from '../../presence/push-principal.ts';
import type { ConfiguredAgent } from '../../operations/people.ts';
import type { Traffic } from '../../telemetry/traffic.ts';
import { failureBody } from '../failure.ts';

/** Who sent a request of the agent API, and under which login session. */
export interface SignedInAgent {
  readonly agent: ConfiguredAgent;
  readonly login: LoginSession;
}

export interface AgentDoorOptions {
  readonly config: Config;
  readonly people: ReadonlyMap<AgentId, ConfiguredAgent>;
  readonly authenticator: Authenticator;
  readonly signIn: SignIn;
  readonly sessions: LoginSessions;
  readonly addresses: ClientAddresses;
  readonly limits: RequestLimits;
  readonly traffic: Traffic;
  /** A request that was let in is a sign of life. */
  readonly onRequest: (agentId: AgentId) => void;
}

const maximumTokenLength = 128;

function headerOf(request: FastifyRequest | IncomingMessage, name: string): string | undefined {
  const value = request.headers[name.toLowerCase()];
  return typeof value === 'string' ? value : undefined;
}

/** Lets agents in: credentials, then the page they come from, then the CSRF token (gws-agent-api §2.1, §2.2). */
export class AgentDoor {
  readonly #options: AgentDoorOptions;

  constructor(options: AgentDoorOptions) {
    this.#options = options;
  }

  /** Lets a request of the REST API in, or says why not. Sets the cookie and the CSRF headers on the reply. */
  async enter(request: FastifyRequest, reply: FastifyReply): Promise<SignedInAgent | Refusal> {
    const { authenticator, people, config, addresses, limits } = this.#options;
    const found = await authenticator.authenticate({
      authorization: headerOf(request, 'authorization'),
      cookie: headerOf(request, 'cookie'),
      address: addresses.of(request.raw).address,
    });
    if ('refused' in found) return asRefusal(found);
    const agent = people.get(found.agentId);
    if (!agent) return refuse('NotAuthenticated');
    if (found.newCookie !== undefined)
      reply.header('set-cookie', setSessionCookie(found.newCookie, this.#cookies()));
    if (config.agentSession.csrfProtection && request.method === 'GET')
      reply.headers(csrfHeaders(found.session));
    const refused = found.byCookie ? this.#foreignPage(request, found.session) : null;
    if (refused) return refused;
    this.#options.onRequest(agent.agentId);
    const tooMany = limits.agentRequest(agent.agentId);
    if (tooMany) return tooMany;
    return { agent, login: found.session };
  }

  /** Takes the cookie back; the login session itself is ended by its owner. */
  leave(reply: FastifyReply): void {
    reply.header('set-cookie', clearSessionCookie(this.#cookies()));
  }

  /**
   * Lets a push request in. A cookie is looked up at once; a Basic header without one is checked, mostly against the
   * cache, and starts no login session: a client that sends it with every poll would start one each time.
   * `anonymous`: nobody is turned away for want of credentials; they come in as a customer.
   */
  enterPush(
    request: IncomingMessage,
    options: { readonly anonymous: boolean },
  ): Authentication<PushPrincipal> | Promise<Authentication<PushPrincipal>> {
    const session = this.#options.sessions.findIn(headerOf(request, 'cookie'));
    if (session) {
      const refused = this.#foreignPage(request, session);
      if (refused) return this.#refusePush(refused);
      return { principal: { kind: 'agent', agentId: session.agentId, loginDigest: session.digest } };
    }
    const authorization = headerOf(request, 'authorization');
    if (authorization === undefined)
      return options.anonymous
        ? this.#enterAsCustomer(request)
        : this.#refusePush(refuse('NotAuthenticated'));
    return this.#enterPushByHeader(authorization, request);
  }

  #enterAsCustomer(request: IncomingMessage): Authentication<PushPrincipal> {
    const client = this.#options.addresses.of(request);
    const tooMany = this.#options.limits.customerRequest(client);
    return tooMany ? this.#refusePush(tooMany) : { principal: { kind: 'customer', client } };
  }

  async #enterPushByHeader(header: string, request: IncomingMessage): Promise<Authentication<PushPrincipal>> {
    const { signIn, addresses } = this.#options;
    const result = await signIn.verify(header, addresses.of(request).address);
    if ('refused' in result) return this.#refusePush(asRefusal(result));
    return { principal: { kind: 'agent', agentId: result.agentId, loginDigest: null } };
  }

  #refusePush(refusal: Refusal): Authentication<PushPrincipal> {
    this.#options.traffic.refused(refusal.refused);
    const retry = retryAfter(refusal);
    const headers = {
      'content-type': 'application/json;charset=utf-8',
      ...(retry === undefined ? {} : { 'retry-after': retry }),
    };
    const { httpStatus: status } = refusals[refusal.refused];
    return { refuse: { status, headers, body: JSON.stringify(failureBody(refusal)) } };
  }

  #cookies(): ReturnType<typeof cookiePolicy> {
    return cookiePolicy(this.#options.config);
  }

  /** What speaks against a request for which a cookie alone speaks; null when nothing does. */
  #foreignPage(request: FastifyRequest | IncomingMessage, session: LoginSession): Refusal | null {
    const { config } = this.#options;
    const method = request.method ?? 'GET';
    const origin = { origin: headerOf(request, 'origin'), host: headerOf(request, 'host') };
    const trusted = { externalUrl: config.externalUrl, allowedOrigins: config.crossOrigin.allowedOrigins };
    if (method !== 'GET' && !mayUseCookie(origin, trusted))
      return refuse('Forbidden', 'Pages of this origin may not use the session.');
    if (!config.agentSession.csrfProtection) return null;
    const token = headerOf(request, csrfHeaderName)?.slice(0, maximumTokenLength);
    return hasCsrfToken({ method, token, session }) ? null : refuse('CsrfTokenInvalid');
  }
}

function asRefusal(found: SignInRefusal): Refusal {
  const { refused } = found;
  return refused === 'TooManyAttempts' ? { refused, retryAfterMs: found.retryAfterMs } : refuse(refused);
}
