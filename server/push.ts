import type { ReplaySource } from '@parley/bayeux/extensions/replay.ts';
import { openEngine } from '@parley/bayeux/open-engine.ts';
import type { Policy } from '@parley/bayeux/options.ts';
import { BayeuxServer } from '@parley/bayeux/server.ts';
import { customerChannelPrefix } from '@parley/contract/gms/push.ts';
import type { PushSession } from '@parley/bayeux/sessions/push-session.ts';
import type { Clock as PushClock } from '@parley/bayeux/sessions/clock.ts';
import type { Config } from './config/config.ts';
import type { RandomBytes } from './domain/ids.ts';
import type { AgentDoor } from './http/gws/agent-door.ts';
import type { CustomerChannel } from './notify/customer-channel.ts';
import type { ClosedApps } from './notify/closed-apps.ts';
import type { CustomerGateway } from './notify/customer-gateway.ts';
import type { PushGateway } from './notify/push-gateway.ts';
import type { AgentPresence } from './operations/agent-presence.ts';
import type { PushPrincipal } from './presence/push-principal.ts';

/** Where agents' clients listen; the second is where customers' clients listen too (gws-agent-api §3.1). */
export const agentMount = '/api/v2/notifications';
export const commonMount = '/genesys/cometd';

export interface PushOptions {
  readonly config: Config;
  readonly random: RandomBytes;
  /** The machine's unless given. */
  readonly clock: PushClock | undefined;
  readonly gateway: PushGateway;
  /** Which tabs of customers hear of which chat. */
  readonly customers: Pick<CustomerGateway, 'ended' | 'chatsOf'>;
  /** Hears whose apps are open; null when nobody is told of it. */
  readonly closedApps: Pick<ClosedApps, 'heard' | 'wentToBackground'> | null;
  /** The chat API that is published to. */
  readonly customerChannel: Pick<CustomerChannel, 'take'>;
  /** Hears which agents listen. */
  readonly presence: Pick<AgentPresence, 'pushOpened' | 'pushEnded'>;
  /** Where subscribers of a chat's own channel read what they missed. */
  readonly replay: ReplaySource<PushPrincipal>;
  readonly logins: {
    /** A request of a push session keeps its login session alive. */
    touch(loginDigest: string): void;
    isLive(loginDigest: string): boolean;
  };
  readonly onError: (error: unknown) => void;
  /** What a commit told was handed to a reader's connection. */
  readonly onSent: (acceptedAtMs: number) => void;
}

/**
 * The push engine as this server uses it: nobody publishes but the server, except on the service channels of customers,
 * where the secure key of a chat says who it is (gms-customer-api §6). Agents may subscribe to everything, for
 * each hears only what is told to them (gws-agent-api §3.1: `/**` is allowed); customers to their service channels.
 * It runs on the machine's clock, not on the contact centre's: connections live in real time even when a test turns
 * the other by hours.
 */
export function createPush(options: PushOptions): BayeuxServer<PushPrincipal> {
  const { config, gateway, customers, closedApps, presence, replay, logins, onError } = options;
  const { push } = config;
  const spread = (): number => Buffer.from(options.random(4)).readUInt32LE() / 2 ** 32;
  const listening = new WeakSet<PushSession<PushPrincipal>>();
  const bayeux = new BayeuxServer<PushPrincipal>({
    clock: options.clock,
    random: spread,
    timeoutMs: push.timeoutMs,
    intervalMs: push.intervalMs,
    maxIntervalMs: push.maxIntervalMs,
    maxSessions: push.maxSessions,
    maxQueueEvents: push.maxQueue,
    maxQueueBytes: push.maxQueueBytes,
    maxSessionsPerPrincipal: push.maxSessionsPerAgent,
    maxSubscriptionsPerSession: push.maxSubscriptions,
    maxBodyBytes: config.limits.bodyBytes,
    principalKey: (principal) => (principal.kind === 'agent' ? principal.agentId : undefined),
    samePrincipal: (one, other) =>
      one.kind === 'agent'
        ? other.kind === 'agent' && one.agentId === other.agentId
        : other.kind === 'customer',
    replay,
    policy: policyOf(logins),
    hooks: {
      onSession: (session) => gateway.opened(session),
      onSubscribe(session) {
        // Before that the agent would not hear what is offered.
        if (session.principal.kind !== 'agent' || listening.has(session)) return;
        listening.add(session);
        presence.pushOpened(session.principal.agentId);
      },
      onSessionEnd(session, reason) {
        gateway.ended(session);
        customers.ended(session);
        // When the server goes, nobody else has gone.
        if (session.principal.kind === 'agent' && listening.delete(session) && reason !== 'serverClosed')
          presence.pushEnded(session.principal.agentId);
      },
      onActivity(session, principal) {
        gateway.used(session, principal);
        if (principal.kind === 'agent' && principal.loginDigest !== null) logins.touch(principal.loginDigest);
        if (closedApps && principal.kind === 'customer')
          for (const chatId of customers.chatsOf(session)) closedApps.heard(chatId);
      },
      onDisconnect(session, { ext }) {
        const position = positionIn(ext);
        if (!closedApps || position === undefined) return;
        for (const chatId of customers.chatsOf(session)) closedApps.wentToBackground(chatId, position);
      },
      onError,
      onSent: options.onSent,
    },
  });
  bayeux.onService(`${customerChannelPrefix}*`, (session, message) =>
    options.customerChannel.take(session, message.channel, message.data),
  );
  return bayeux;
}

/** Who may do what; a WebSocket may be older than the end of the login session that it was opened under. */
function policyOf(logins: PushOptions['logins']): Policy<PushPrincipal> {
  return {
    handshake: (principal) =>
      principal.kind === 'customer' || principal.loginDigest === null || logins.isLive(principal.loginDigest),
    publish: (_session, channel) => channel.startsWith(customerChannelPrefix),
    subscribe: ({ principal }, channel) => principal.kind === 'agent' || channel.startsWith('/service/'),
  };
}

/** What the app has seen when it goes to the background (gms-customer-api §6.5): a number, or its digits. */
function positionIn(ext: Readonly<Record<string, unknown>>): number | undefined {
  const { transcriptPosition: position } = ext;
  const isDigits = typeof position === 'string' && /^\d{1,15}$/.test(position);
  const number = isDigits ? Number(position) : position;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** Opens the two places where clients listen. */
export function mountPush(bayeux: BayeuxServer<PushPrincipal>, config: Config, door: AgentDoor): void {
  const { allowedOrigins, allowedHeaders } = config.crossOrigin;
  // Behind a proxy that rewrites `Host`, pages of the server's own address look like foreign ones.
  const own = config.externalUrl === null ? [] : [new URL(config.externalUrl).origin];
  const origins = [...new Set([...own, ...allowedOrigins])];
  for (const path of [agentMount, commonMount]) {
    bayeux.mount({
      path,
      authenticate: (request) => door.enterPush(request, { anonymous: path === commonMount }),
      allowedOrigins: origins,
      allowedHeaders: [...allowedHeaders],
    });
  }
}

/**
 * The extra endpoint on which conformance suites of other makers may do everything, when the configuration asks for one;
 * it shares nothing with the contact centre (bayeux/README.md).
 */
export function createConformanceEndpoint(config: Config): BayeuxServer<'anyone'> | null {
  const { conformance } = config.push;
  return conformance ? openEngine(conformance) : null;
}
