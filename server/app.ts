import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { BayeuxServer } from '@parley/bayeux/server.ts';
import type { Clock as PushClock } from '@parley/bayeux/sessions/clock.ts';
import type { Accounts } from './auth/accounts.ts';
import { ClientAddresses } from './auth/client-addresses.ts';
import type { LoginSession, LoginSessions } from './auth/login-sessions.ts';
import type { ScryptCost } from './auth/password-hash.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config/config.ts';
import { followSetUp } from './follow-set-up.ts';
import { ContactCenter } from './contact-center.ts';
import type { Chat } from './domain/chat.ts';
import type { StoredEvent } from './domain/chat-event.ts';
import type { AgentId, RandomBytes } from './domain/ids.ts';
import { openFiles, type Files } from './files/files.ts';
import { LoadSampler } from './limits/load-sampler.ts';
import { registerDocumentation } from './http/admin/documentation.ts';
import { registerOperatorRoutes } from './http/admin/operator-routes.ts';
import { registerCustomerChats } from './http/gms/customer-chats.ts';
import { customerHandlers } from './http/gms/customer-handlers.ts';
import { customerOnce } from './http/gms/customer-once.ts';
import { CustomerDoor } from './http/gms/customer-door.ts';
import { FileDoor } from './http/gms/file-door.ts';
import type { AgentApi } from './http/gws/agent-api.ts';
import { AgentDoor } from './http/gws/agent-door.ts';
import { registerAgentRoutes } from './http/gws/agent-routes.ts';
import { chatHandlers } from './http/gws/chat-handlers.ts';
import { contactHandlers } from './http/gws/contact-handlers.ts';
import { fileHandlers, registerFileRoutes } from './http/gws/file-routes.ts';
import { historyHandlers } from './http/gws/history-handlers.ts';
import { desktopHandlers, optionHandlers } from './http/gws/desktop-handlers.ts';
import { directoryHandlers } from './http/gws/directory-handlers.ts';
import { meHandlers } from './http/gws/me-handlers.ts';
import { settingHandlers, skillAndQueueHandlers, textHandlers } from './http/gws/provisioning-handlers.ts';
import { privacyHandlers } from './http/gws/privacy-handlers.ts';
import { responseHandlers } from './http/gws/response-handlers.ts';
import { userHandlers } from './http/gws/user-handlers.ts';
import { webhookHandlers } from './http/gws/webhook-handlers.ts';
import { workbinHandlers } from './http/gws/workbin-handlers.ts';
import { routingHandlers } from './http/gws/routing-handlers.ts';
import { settingsHandlers } from './http/gws/settings-handlers.ts';
import { supervisionHandlers } from './http/gws/supervision-handlers.ts';
import { createHttpServer } from './http/http-server.ts';
import { Listeners } from './http/listeners.ts';
import type { RoomListener } from './journal/group-commit.ts';
import type { JournalError } from './journal/journal-error.ts';
import type { Journal } from './journal/journal.ts';
import { RequestsUnderWay } from './limits/requests-under-way.ts';
import { loginStore } from './login-store.ts';
import { openStore, type StoreOptions } from './open-store.ts';
import { chatReplay } from './notify/chat-replay.ts';
import { CustomerChannel } from './notify/customer-channel.ts';
import { CustomerCatchUps } from './notify/customer-catch-ups.ts';
import { CustomerGateway } from './notify/customer-gateway.ts';
import { PushGateway } from './notify/push-gateway.ts';
import { settleFiles } from './operations/stored-files.ts';
import { createClosedApps } from './closed-apps.ts';
import type { ClosedApps } from './notify/closed-apps.ts';
import { createOutbox } from './outbox/create-outbox.ts';
import type { Outbox } from './outbox/outbox.ts';
import { agentStates, type AgentStates } from './presence/agent-states.ts';
import type { PushPrincipal } from './presence/push-principal.ts';
import { createConformanceEndpoint, createPush, mountPush } from './push.ts';
import { createSignIn } from './sign-in.ts';
import { endWithRoom, storeRoom } from './store-room.ts';
import { Traffic } from './telemetry/traffic.ts';
import { createMetrics } from './telemetry/metrics.ts';
import { version } from './version.ts';
import { serviceRecords } from './views/set-up-view.ts';
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
  /** Of the embedded store, for tests only. */
  readonly storeOptions?: Pick<StoreOptions, 'faults' | 'limits'>;
  /** What stands in for the machine, in a simulation. */
  readonly machine?: Machine;
}

/** What the server asks of the machine beside a clock and chance: a store, files, and time for its connections. */
export interface Machine {
  openJournal(options: Pick<StoreOptions, 'onFatal' | 'onFull'>): Promise<Journal>;
  readonly files: Files;
  readonly pushClock: PushClock;
}

/** A server that is ready to listen. */
export interface App {
  /** Listens on the configured address; resolves with the address it got. */
  listen(): Promise<{ readonly url: string }>;
  /** Serves a request of node:http as if it had come in on a connection. */
  serve(request: IncomingMessage, response: ServerResponse): void;
  /**
   * Drains: health says so, held polls are answered, running requests finish, what was accepted becomes durable; then
   * the store is closed. A second call waits for the first. Rejects with `JournalError` when there is no room for what
   * is still to be written: then the process should end.
   */
  close(): Promise<void>;
}

interface Core {
  readonly journal: Journal;
  readonly center: ContactCenter;
  readonly outbox: Outbox;
  readonly closedApps: ClosedApps | null;
  readonly gateway: PushGateway;
  readonly customers: CustomerGateway;
  readonly catchUps: CustomerCatchUps;
  readonly wire: WireFormat;
  readonly states: AgentStates;
  readonly addresses: ClientAddresses;
  readonly traffic: Traffic;
  readonly underWay: RequestsUnderWay;
}

/** What tells customers over CometD what there was, and what happens. */
function createCustomerPush(
  { config: { push }, machine }: AppOptions,
  center: () => ContactCenter,
  onError: (error: unknown) => void,
): Pick<Core, 'customers' | 'catchUps'> {
  const catchUps = new CustomerCatchUps({
    ...push,
    clock: machine?.pushClock,
    operations: () => center().operations,
    onError,
  });
  const customers = new CustomerGateway({
    ...push,
    catchUps,
    onOpened: (chatId) => center().operations.customerPresence.opened(chatId),
    onClosed: (chatId) => center().customerTabClosed(chatId),
  });
  return { customers, catchUps };
}

/** The contact centre on its store, and the gateway that tells agents what becomes durable. */
async function openCore(options: AppOptions, externalUrl: () => string): Promise<Core> {
  const { config, clock, random, logger, machine } = options;
  const underWay = new RequestsUnderWay(clock);
  const journal = await openJournal(options, storeRoom({ logger, clock, underWay }));
  const wire = wireFormat(externalUrl, config.timeZone);
  const states = agentStates(config.agentStates);
  const folder = join(config.dataFolder, 'files');
  const history = ({ id }: Chat): readonly StoredEvent[] => center.operations.chats.messageLog(id);
  const gateway: PushGateway = new PushGateway({ wire, history, ...config.push }, states);
  const onError = (err: unknown): void => logger.error({ err }, 'unexpected error');
  const { customers, catchUps } = createCustomerPush(options, () => center, onError);
  const closedApps = createClosedApps(options, {
    chats: () => center.operations.chats,
    hasten: (chatId) => outbox.hasten('push', chatId),
  });
  const others = closedApps ? [closedApps] : [];
  const { outbox, extraWrites } = createOutbox({ config, clock, random, journal, others, onError });
  const center: ContactCenter = new ContactCenter({
    config,
    clock,
    random,
    journal,
    extraWrites,
    files: machine?.files ?? (await openFiles({ ...config.files, folder, random })),
    onChat(commit) {
      if (config.log.messageText) logger.debug({ chatId: commit.after.id, stored: commit.stored }, 'chat');
      gateway.tellChat(commit);
      customers.tellChat(commit);
      closedApps?.follow(commit.after);
    },
    ...(closedApps ? { onCustomerHeard: (chatId) => closedApps.heard(chatId) } : {}),
    onAgent: (change) => gateway.tellChannels(change),
    onFailure(failure) {
      const chat = center.operations.chats.durable(failure.chatId);
      if (chat) gateway.tellFailure(chat, failure);
    },
    onOverload(stage) {
      const shares = center.operations.overload.shares();
      logger.warn({ stage, shares }, 'the load has changed what is taken in');
    },
    onError,
  });
  const { trustedProxies } = config.listen;
  const addresses = new ClientAddresses({ trustedProxies, ...config.rateLimits });
  const traffic = new Traffic();
  const doors = { addresses, traffic, underWay };
  return { journal, center, outbox, closedApps, gateway, customers, catchUps, wire, states, ...doors };
}

function openJournal(
  { config, logger, onFatal, machine, storeOptions }: AppOptions,
  onFull: RoomListener,
): Promise<Journal> {
  const onDamage = (err: JournalError): void => logger.error({ err }, 'the store is damaged');
  return (
    machine?.openJournal({ onFatal, onFull }) ??
    openStore(config, { ...storeOptions, onFatal, onFull, onDamage })
  );
}

interface Doors {
  readonly sessions: LoginSessions;
  readonly accounts: Accounts;
  readonly door: AgentDoor;
  readonly bayeux: BayeuxServer<PushPrincipal>;
}

/** Everything by which somebody comes in: sign-in, login sessions, the push engine. */
function openDoors(options: AppOptions, core: Core): Doors {
  const { journal, center, closedApps, gateway, customers, catchUps, wire, states } = core;
  const { addresses, traffic, underWay } = core;
  const { clock, config, logger, random } = options;
  const { people, presence, setUp } = center.operations;
  const onEnded = ({ agentId, digest }: LoginSession): void => gateway.loginEnded(agentId, digest);
  const onLoginChange = loginStore({ journal, clock, logger, onEnded });
  const { signIn, sessions, authenticator, accounts } = createSignIn({ ...options, onLoginChange });
  const door = new AgentDoor({
    config,
    people,
    authenticator,
    signIn,
    sessions,
    addresses,
    limits: center.operations.limits,
    traffic,
    onRequest: (agentId) => presence.requested(agentId),
  });
  const bayeux = createPush({
    config,
    random,
    clock: options.machine?.pushClock,
    gateway,
    customers,
    closedApps,
    customerChannel: new CustomerChannel({
      operations: center.operations,
      gateway: customers,
      catchUps,
      traffic,
      underWay,
      onError: (err) => logger.error({ err }, 'unexpected error'),
    }),
    presence,
    replay: chatReplay(() => center.operations, wire),
    logins: sessions,
    onError: (err) => logger.error({ err }, 'unexpected push error'),
    onSent: (acceptedAtMs) => traffic.delivered(acceptedAtMs),
  });
  mountPush(bayeux, config, door);
  const endPush = (agentId: AgentId): void => {
    gateway.disconnect(agentId);
    // Those that have no push session, too: they could begin one with what counted when they were opened.
    bayeux.closeSockets((principal) => principal.kind === 'agent' && principal.agentId === agentId);
  };
  followSetUp({ setUp, states, accounts, endPush });
  return { sessions, accounts, door, bayeux };
}

/** What desktops load at start, and what administrators change. */
function desktopApi(api: AgentApi) {
  return {
    ...desktopHandlers(api),
    ...optionHandlers(api),
    ...directoryHandlers(api),
    ...responseHandlers(api),
    ...workbinHandlers(api),
    ...contactHandlers(api),
    ...historyHandlers(api),
    ...fileHandlers(api),
    ...privacyHandlers(api),
    ...userHandlers(api),
    ...skillAndQueueHandlers(api),
    ...settingHandlers(api),
    ...textHandlers(api),
  };
}

interface HttpParts {
  readonly sampler: LoadSampler;
  readonly isDraining: () => boolean;
}

/** The routes of both APIs and those of operators. */
async function openHttp(
  { config, logger }: AppOptions,
  { center, outbox, wire, states, gateway, addresses, traffic, underWay }: Core,
  { sessions, accounts, door, bayeux, isDraining, sampler }: Doors & HttpParts,
): Promise<FastifyInstance> {
  const { operations } = center;
  const conformance = createConformanceEndpoint(config);
  const pushEngines = conformance ? [bayeux, conformance] : [bayeux];
  const customerDoor = new CustomerDoor({
    handlers: customerHandlers(operations),
    files: new FileDoor({
      operations,
      addresses,
      traffic,
      underWay,
      onError: (err) => logger.error({ err }, 'request failed'),
    }),
    addresses,
    limits: operations.limits,
    once: customerOnce(operations),
    traffic,
    underWay,
    crossOrigin: config.crossOrigin,
    bodyBytes: config.limits.bodyBytes,
    onError: (err) => logger.error({ err }, 'request failed'),
  });
  const http = createHttpServer({ config, pushEngines, customerDoor, logger, traffic });
  http.addHook('preClose', () => customerDoor.drain());
  if (conformance) http.addHook('onClose', () => conformance.close());
  const endLogin = ({ digest }: LoginSession): void => sessions.end(digest);
  const hashPassword = (password: string): Promise<string> => accounts.hash(password);
  const tellSubscribed = gateway.tellSubscribed.bind(gateway);
  const tellLater: AgentApi['tellLater'] = (agentId, work) => {
    const tell = async (): Promise<void> => gateway.tellHistory(agentId, await work());
    setImmediate(() => tell().catch((err: unknown) => logger.error({ err }, 'a history call failed')));
  };
  const told = { tellSubscribed, tellLater };
  const api = { operations, wire, states, version, endLogin, isDraining, hashPassword, ...told };
  const ways = { door, requestKeys: operations.requestKeys, underWay };
  registerAgentRoutes(http, ways, {
    ...meHandlers(api),
    ...chatHandlers(api),
    ...supervisionHandlers(api),
    ...routingHandlers(api),
    ...settingsHandlers(api),
    ...desktopApi(api),
    ...webhookHandlers(api, outbox),
  });
  registerFileRoutes(http, { door, underWay }, operations);
  await registerDocumentation(http);
  registerCustomerChats(http, { operations, wire, addresses });
  const metrics = createMetrics({ operations, bayeux, traffic, sampler, outbox });
  const isFull = (): boolean => operations.journal.meter.isFull;
  registerOperatorRoutes(http, { version, metrics, isDraining, isFull });
  await http.ready();
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
  const doors = openDoors(options, core);
  const recovered = await journal.recover();
  center.restoreSetUp(recovered);
  doors.sessions.restore(recovered.loginSessions, new Set(center.operations.people.keys()));
  core.outbox.restore(recovered.outbox);
  await center.restore(recovered);
  await settleFiles(center.operations);
  const tellLoad: ConstructorParameters<typeof LoadSampler>[0] = (figures) =>
    center.operations.overload.sampled(figures);
  const sampler = new LoadSampler(tellLoad, options.machine?.pushClock);
  const http = await openHttp(options, core, { ...doors, sampler, isDraining: () => draining });
  const listeners = new Listeners(http);

  const end = async (): Promise<void> => {
    core.gateway.tellServices(serviceRecords(core.wire, true));
    // One turn of the loop, in which what is told now goes out on the polls that are held.
    await new Promise<void>((resolve) => setImmediate(resolve));
    await doors.bayeux.close();
    await listeners.close();
    sampler.stop();
    center.stop();
    await core.outbox.stop();
    doors.sessions.close();
    await journal.close();
  };
  const close = (): Promise<void> => {
    draining = true;
    const { clock } = options;
    return endWithRoom({ clock, underWay: core.underWay, meter: journal.meter, end });
  };
  let closing: Promise<void> | null = null;
  return {
    async listen() {
      const { host, port } = config.listen;
      const { port: actualPort } = await listeners.listen(host, port);
      const url = `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`;
      externalUrl = config.externalUrl ?? url;
      return { url };
    },
    serve: (request, response) => void http.server.emit('request', request, response),
    close: () => (closing ??= close()),
  };
}
