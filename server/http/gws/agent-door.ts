import type { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Authentication } from '@parley/bayeux/transports/mount.ts';
import { refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { Authenticator } from '../../auth/authenticator.ts';
import { clearSessionCookie, cookiePolicy, sessionCookies, setSessionCookie } from '../../auth/cookies.ts';
import { csrfHeaderName, csrfHeaders, hasCsrfToken, mayUseCookie } from '../../auth/csrf.ts';
import type { LoginSession, LoginSessions } from '../../auth/login-sessions.ts';
import type { SignIn, SignInRefusal } from '../../auth/sign-in.ts';
import type { Config } from '../../config/config.ts';
import type { AgentId } from '../../domain/ids.ts';
import type { PushPrincipal } from '../../presence/push-principal.ts';
import type { ConfiguredAgent } from '../../operations/people.ts';
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
    const { authenticator, people, config } = this.#options;
    const found = await authenticator.authenticate({
      authorization: headerOf(request, 'authorization'),
      cookie: headerOf(request, 'cookie'),
      address: request.ip,
    });
    if ('refused' in found) return this.#refused(found, reply);
    const agent = people.get(found.agentId);
    if (!agent) return refuse('NotAuthenticated');
    if (found.newCookie !== undefined)
      reply.header('set-cookie', setSessionCookie(found.newCookie, this.#cookies()));
    if (config.agentSession.csrfProtection && request.method === 'GET')
      reply.headers(csrfHeaders(found.session));
    const refused = found.byCookie ? this.#foreignPage(request, found.session) : null;
    if (refused) return refused;
    this.#options.onRequest(agent.agentId);
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
    const session = this.#sessionOf(headerOf(request, 'cookie'));
    if (session) {
      const refused = this.#foreignPage(request, session);
      if (refused) return pushRefusal(refused);
      return { principal: { kind: 'agent', agentId: session.agentId, loginDigest: session.digest } };
    }
    const authorization = headerOf(request, 'authorization');
    if (authorization === undefined)
      return options.anonymous
        ? { principal: { kind: 'customer' } }
        : pushRefusal(refuse('NotAuthenticated'));
    return this.#enterPushByHeader(authorization, request);
  }

  async #enterPushByHeader(header: string, request: IncomingMessage): Promise<Authentication<PushPrincipal>> {
    const result = await this.#options.signIn.verify(header, request.socket.remoteAddress ?? '');
    if ('refused' in result) return pushRefusal(refuse(result.refused));
    return { principal: { kind: 'agent', agentId: result.agentId, loginDigest: null } };
  }

  #sessionOf(cookie: string | undefined): LoginSession | undefined {
    for (const value of sessionCookies(cookie)) {
      const session = this.#options.sessions.find(value);
      if (session) return session;
    }
    return undefined;
  }

  #cookies(): ReturnType<typeof cookiePolicy> {
    return cookiePolicy(this.#options.config);
  }

  #refused(found: SignInRefusal, reply: FastifyReply): Refusal {
    if (found.refused === 'TooManyAttempts')
      reply.header('retry-after', String(Math.ceil(found.retryAfterMs / 1000)));
    return refuse(found.refused);
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

function pushRefusal(refusal: Refusal): Authentication<PushPrincipal> {
  const status = refusal.refused === 'TooManyAttempts' ? 429 : refusal.refused === 'Unavailable' ? 503 : 403;
  const body = JSON.stringify(failureBody(refusal));
  return { refuse: { status, headers: { 'content-type': 'application/json;charset=utf-8' }, body } };
}
