import type { AgentClientOptions } from '@parley/client/agent-client.ts';
import { createApp, type AppOptions } from '@parley/server/app.ts';
import type { Clock } from '@parley/server/clock.ts';
import { demoPassword } from '@parley/server/config/demo.ts';
import { createLogger } from '@parley/server/telemetry/logger.ts';
import { readConfig } from '@parley/server/config/load.ts';
import type { ConfigFile } from '@parley/server/config/schema.ts';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from './manual-clock.ts';
import { Recorder, type Recorded } from './recorder.ts';
import { chooseStore, embeddedStore } from './store-choice.ts';
import { TestAgent } from './test-agent.ts';
import { TestCustomer } from './test-customer.ts';

/** The shape with every key optional, at every depth. */
export type DeepPartial<Value> = Value extends readonly (infer Item)[]
  ? readonly DeepPartial<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]?: DeepPartial<Value[Key]> }
    : Value;

export interface BoxOptions {
  /** What is to differ from the demo contact centre, in the shape of the configuration file. */
  readonly config?: DeepPartial<ConfigFile>;
  /** A folder to keep. Default: a new one, removed by `stop`. */
  readonly dataFolder?: string;
  /** What is to go wrong in the store. */
  readonly storeFaults?: NonNullable<AppOptions['storeOptions']>['faults'];
}

/** Tests sign in and start often: hashes are quick, not safe, and the log that is written in full at each start is short. */
function cheapParts({ storeFaults = {} }: BoxOptions) {
  const passwordCost = { N: 2 ** 10, r: 8, p: 1 };
  return { passwordCost, storeOptions: { limits: { maxWalPages: 400 }, faults: storeFaults } };
}

/** On a clock that stands still everything happens at once: a test says more in a moment than anybody would. */
const noRateLimits: DeepPartial<ConfigFile['rateLimits']> = {
  perChat: { requestsPerSecond: 0, messagesPerSecond: 0 },
  perService: { newChatsPerMinute: 0 },
  perAgent: { requestsPerSecond: 0 },
};

/** Customers of scenarios that turn the clock do not poll all the while; they stay unless told otherwise. */
const patientWithCustomers = { goneAfterMs: 1_728_000_000 };
/** A machine that runs many tests at once is late for reasons of its own. */
const never = { eventLoopLagMs: 600_000, oldestWaitingMs: 600_000, memoryPercent: 100 };
const noOverload = { refuseNewChats: never, refuseMessages: never };
/** What scenarios do without unless they ask for it. */
const forScenarios: DeepPartial<ConfigFile> = {
  logLevel: 'silent',
  rateLimits: noRateLimits,
  overload: noOverload,
  customers: patientWithCustomers,
};

type OnRecorded = (entry: Recorded) => void;

/** A running server and what is needed to drive it. */
export interface ServerInABox<BoxClock extends Clock> {
  /** Stays the same through restarts. */
  readonly baseUrl: string;
  readonly clock: BoxClock;
  readonly dataFolder: string;
  /** An agent with the demo password, not signed in yet. */
  agent(
    userName: string,
    options?: Pick<Partial<AgentClientOptions>, 'mount' | 'password'> & { readonly onRecorded?: OnRecorded },
  ): TestAgent;
  /** A customer of `customer-support`, or of the service that is named. */
  customer(options?: {
    readonly service?: string;
    readonly name?: string;
    readonly onRecorded?: OnRecorded;
  }): TestCustomer;
  /** Closes the server in good order and starts it again on the same data and port. */
  restart(): Promise<void>;
  /** Everything that the server has logged, down to `trace`, one line of JSON each. */
  readonly logged: readonly string[];
  /** The errors that the server has logged since the last call, one line of JSON each. */
  takeErrors(): readonly string[];
  /**
   * Cuts the agents' connections, closes the server and removes the folder that was made for it. Rejects when the
   * server has logged errors that nobody took: what a test does not expect is not overlooked.
   */
  stop(): Promise<void>;
}

/** On a `ManualClock` that shows the time of the founding page's first message, in the time zone of that page. */
export function startServer(options?: BoxOptions): Promise<ServerInABox<ManualClock>>;
/** On the given clock. */
export function startServer<BoxClock extends Clock>(
  options: BoxOptions & { readonly clock: BoxClock },
): Promise<ServerInABox<BoxClock>>;
/** Starts a server on 127.0.0.1 and a free port, with the demo contact centre unless told otherwise. */
export async function startServer(
  options: BoxOptions & { readonly clock?: Clock } = {},
): Promise<ServerInABox<Clock>> {
  const { clock = new ManualClock() } = options;
  const dataFolder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), 'parley-box-')));
  // Whoever keeps a folder keeps the store in it.
  const store = options.dataFolder === undefined ? await chooseStore() : embeddedStore;
  const { databaseUrl } = store;
  const clients = new AbortController();
  const { logger, logged, takeErrors } = serverLog(options.config?.log?.messageText ?? false);
  const onFatal = (err: unknown): void => logger.fatal({ err });

  const open = async (port: number): Promise<{ readonly url: string; close(): Promise<void> }> => {
    const config = readConfig(
      { ...forScenarios, ...options.config },
      {
        machine: { timeZone: 'America/Los_Angeles' },
        overrides: { host: '127.0.0.1', port, dataFolder, ...(databaseUrl === null ? {} : { databaseUrl }) },
      },
    );
    const parts = { config, clock, logger, onFatal, ...cheapParts(options) };
    const app = await createApp({ ...parts, random: randomBytes });
    return { ...(await app.listen()), close: () => app.close() };
  };

  const discard = async (): Promise<void> => {
    await store.discard();
    if (options.dataFolder === undefined) await rm(dataFolder, { recursive: true, force: true });
  };

  let app = await open(0).catch(async (error: unknown) => {
    await discard();
    throw error;
  });
  const baseUrl = app.url;
  return {
    baseUrl,
    clock,
    dataFolder,
    logged,
    takeErrors,
    agent(userName, { onRecorded, password = demoPassword, ...rest } = {}) {
      const recorder = new Recorder(userName, onRecorded ? { onRecorded } : {});
      return new TestAgent({ baseUrl, userName, password, signal: clients.signal, ...rest, recorder });
    },
    customer({ service = 'customer-support', name = 'the customer', onRecorded } = {}) {
      const recorder = new Recorder(name, onRecorded ? { onRecorded } : {});
      return new TestCustomer({ baseUrl, service, recorder });
    },
    async restart() {
      await app.close();
      app = await open(Number(new URL(baseUrl).port));
    },
    async stop() {
      clients.abort();
      await app.close();
      await discard();
      const errors = takeErrors();
      if (errors.length > 0)
        throw new Error(`the server met ${errors.length} unexpected errors:\n${errors.join('\n')}`);
    },
  };
}

/** The server's logger at its most talkative, into a list. */
function serverLog(messageText: boolean) {
  const logged: string[] = [];
  const logger = createLogger(
    { level: 'trace', messageText },
    { write: (line) => void logged.push(line.trim()) },
  );
  let taken = 0;
  const takeErrors = (): readonly string[] => {
    const lines = logged.slice(taken);
    taken = logged.length;
    return lines.filter((line) => (JSON.parse(line) as { readonly level: number }).level >= 50);
  };
  return { logger, logged, takeErrors };
}
