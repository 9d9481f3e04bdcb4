import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { BayeuxServer } from '@parley/bayeux/server.ts';
import type { LoginSession, LoginSessionChange, LoginSessions } from './auth/login-sessions.ts';
import type { ScryptCost } from './auth/password-hash.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config/config.ts';
import { ContactCenter } from './contact-center.ts';
import type { Chat } from './domain/chat.ts';
import type { StoredEvent } from './domain/chat-event.ts';
import type { RandomBytes } from './domain/ids.ts';
import { registerDocumentation } from './http/admin/documentation.ts';
import { registerOperatorRoutes } from './http/admin/operator-routes.ts';
import { customerHandlers } from './http/gms/customer-handlers.ts';
import { registerCustomerRoutes } from './http/gms/customer-routes.ts';
import { AgentDoor } from './http/gws/agent-door.ts';
import { registerAgentRoutes } from './http/gws/agent-routes.ts';
import { chatHandlers } from './http/gws/chat-handlers.ts';
import { meHandlers } from './http/gws/me-handlers.ts';
import { settingsHandlers } from './http/gws/settings-handlers.ts';
import { supervisionHandlers } from './http/gws/supervision-handlers.ts';
import { createHttpServer } from './http/http-server.ts';
import type { JournalError } from './journal/journal-error.ts';
import type { Journal, TableWrite } from './journal/journal.ts';
import { openSqliteJournal } from './journal/sqlite/open.ts';
import { PushGateway } from './notify/push-gateway.ts';
import { agentStates, type AgentStates } from './presence/agent-states.ts';
import type { PushPrincipal } from './presence/push-principal.ts';
import { createPush, mountPush } from './push.ts';
import { createSignIn } from './sign-in.ts';
import { createMetrics } from './telemetry/metrics.ts';
import { version } from './version.ts';
import { wireFormat, type WireFormat } from './views/wire-format.ts';

export interface AppOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly logger: FastifyBaseLogger;
  /** Called once when the store failed: nothing can be accepted any more, the process should end. */
  readonly onFatal: (error: JournalError) => void;
  /** Cheaper hashing, for tests. */
  readonly passwordCost?: ScryptCost;
}

/** A server that is ready to listen. */
export interface App {
  /** Listens on the configured address; resolves with the address it got. */
  listen(): Promise<{ readonly url: string }>;
  /**
   * Drains: health says so, held polls are answered, running requests finish, what was accepted becomes durable; then
   * the store is closed. A second call waits for the first.
   */
  close(): Promise<void>;
}

interface Core {
  readonly journal: Journal;
  readonly center: ContactCenter;
  readonly gateway: PushGateway;
  readonly wire: WireFormat;
  readonly states: AgentStates;
}

/** The contact centre on its store, and the gateway that tells agents what becomes durable. */
async function openCore(options: AppOptions, externalUrl: () => string): Promise<Core> {
  const { config, clock, random, logger, onFatal } = options;
  const journal = await openSqliteJournal({ path: join(config.dataFolder, 'parley.db'), onFatal });
  const wire = wireFormat(externalUrl, config.timeZone);
  const states = agentStates(config.agentStates);
  const history = ({ id }: Chat): readonly StoredEvent[] => center.operations.chats.messageLog(id);
  const gateway: PushGateway = new PushGateway({ wire, history }, states);
  const center: ContactCenter = new ContactCenter({
    config,
    clock,
    random,
    journal,
    onChat: (commit) => gateway.tellChat(commit),
    onAgent: (change) => gateway.tellChannels(change),
    onFailure(failure) {
      const chat = center.operations.chats.durable(failure.chatId);
      if (chat) gateway.tellFailure(chat, failure);
    },
    onError: (err) => logger.error({ err }, 'unexpected error'),
  });
  return { journal, center, gateway, wire, states };
}

interface Doors {
  readonly sessions: LoginSessions;
  readonly door: AgentDoor;
  readonly bayeux: BayeuxServer<PushPrincipal>;
}

/** Everything by which somebody comes in: sign-in, login sessions, the push engine. */
async function openDoors(options: AppOptions, { journal, center, gateway }: Core): Promise<Doors> {
  const { config, logger } = options;
  const { people } = center.operations;
  const onLoginChange = ({ kind, row }: LoginSessionChange): void => {
    const write: TableWrite =
      kind === 'Stored' ? { table: 'login_sessions', row } : { table: 'login_sessions', delete: row.digest };
    journal.append({ events: [], writes: [write] }, () => {});
    if (kind === 'Ended') gateway.loginEnded(row.agentId, row.digest);
  };
  const { signIn, sessions, authenticator } = await createSignIn({ ...options, onLoginChange });
  const door = new AgentDoor({ config, people, authenticator, signIn, sessions });
  const bayeux = createPush({
    config,
    gateway,
    onActivity: (digest) => sessions.touch(digest),
    onError: (err) => logger.error({ err }, 'unexpected push error'),
  });
  mountPush(bayeux, config, door);
  return { sessions, door, bayeux };
}

/** The routes of both APIs and those of operators. */
async function openHttp(
  { config, logger }: AppOptions,
  { center, wire, states }: Core,
  { sessions, door, bayeux, isDraining }: Doors & { readonly isDraining: () => boolean },
): Promise<FastifyInstance> {
  const { operations } = center;
  const http = createHttpServer({ config, bayeux, logger });
  const endLogin = ({ digest }: LoginSession): void => sessions.end(digest);
  const api = { operations, wire, states, version, endLogin };
  registerAgentRoutes(http, door, {
    ...meHandlers(api),
    ...chatHandlers(api),
    ...supervisionHandlers(api),
    ...settingsHandlers(api),
  });
  await registerDocumentation(http);
  await registerCustomerRoutes(http, customerHandlers(operations));
  registerOperatorRoutes(http, { version, metrics: createMetrics({ operations, bayeux }), isDraining });
  return http;
}

/**
 * Puts the parts together: the only file that knows them all. Opens the store and takes over what it holds; throws
 * `JournalError` when the store cannot be used.
 */
export async function createApp(options: AppOptions): Promise<App> {
  const { config } = options;
  // The address is only known once the server listens, and nothing is told before.
  let externalUrl = config.externalUrl ?? '';
  let draining = false;
  const core = await openCore(options, () => externalUrl);
  const { journal, center } = core;
  const doors = await openDoors(options, core);
  const recovered = await journal.recover();
  doors.sessions.restore(recovered.loginSessions, new Set(center.operations.people.keys()));
  await center.restore(recovered);
  const http = await openHttp(options, core, { ...doors, isDraining: () => draining });

  const close = async (): Promise<void> => {
    draining = true;
    await doors.bayeux.close();
    await http.close();
    center.stop();
    doors.sessions.close();
    await journal.close();
  };
  let closing: Promise<void> | null = null;
  return {
    async listen() {
      const { host, port } = config.listen;
      await http.listen({ host, port });
      const { port: actualPort } = http.server.address() as AddressInfo;
      const url = `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`;
      externalUrl = config.externalUrl ?? url;
      return { url };
    },
    close: () => (closing ??= close()),
  };
}
