import { CustomerClient } from '@parley/client/customer-client.ts';
import { CustomerPushClient } from '@parley/client/customer-push-client.ts';
import type { ChatCredentials } from '@parley/client/customer-operations.ts';
import type { CustomerEvent } from '@parley/contract/gms/replies.ts';
import { exponential, seededRandom, type Random } from '@parley/server/routing/seeded-random.ts';
import { gateUrl } from '../crash/gate.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import { SimulatedNetwork } from './simulated-network.ts';
import { SimulatedServer, simulatedConfig } from './simulated-server.ts';
import { rest, SimulatedTime, type MortalClock } from './simulated-time.ts';
import { Trace } from './trace.ts';

const service = 'support';

/** Nothing here is about how often somebody may ask, for everybody comes from one address; nor about who is gone. */
const config = simulatedConfig({
  push: { timeoutMs: 60_000, maxIntervalMs: 30_000 },
  customers: { goneAfterMs: 1_728_000_000 },
  rateLimits: {
    perAddress: { requestsPerSecond: 0, newChatsPerMinute: 0, openChats: 0 },
    perChat: { requestsPerSecond: 0, messagesPerSecond: 0 },
    perService: { newChatsPerMinute: 0 },
  },
});

/** Many customers and their tabs on a simulated clock and network, and the server, which is killed at times. */
export class SessionsWorld {
  readonly random: Random;
  readonly time = new SimulatedTime();
  readonly clock: MortalClock = this.time.mortal();
  readonly network: SimulatedNetwork;
  readonly problems: string[] = [];
  readonly #disk: SimulatedDisk;
  readonly #server: SimulatedServer;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.network = new SimulatedNetwork({ clock: this.clock, random: seededRandom(seed * 13 + 5) });
    this.#disk = new SimulatedDisk({
      planted: undefined,
      random: seededRandom(seed * 7 + 1),
      latencyMs: () => exponential(this.random, 1),
    });
    this.#server = new SimulatedServer({
      ...{ seed, time: this.time, disk: this.#disk, network: this.network, config },
      trace: new Trace(
        () => this.time.now(),
        () => {},
      ),
      report: (problem) => void this.problems.push(problem),
    });
  }

  start(): Promise<void> {
    return this.#server.start();
  }

  /** Killed, and started again a second later. */
  async restart(): Promise<void> {
    this.#server.crash();
    await this.time.run(1_000);
    await this.#server.start();
  }

  /** A customer over REST. */
  polling(name: string): CustomerClient {
    return new CustomerClient({ ...this.#way(name), service });
  }

  /** A tab over CometD, in a chat. */
  tab(name: string, credentials: ChatCredentials): CustomerPushClient {
    const tab = new CustomerPushClient({ ...this.#way(name), service });
    tab.resume(credentials);
    return tab;
  }

  #way(name: string) {
    return { baseUrl: gateUrl, fetch: this.network.fetchOf(name), scheduler: this.clock };
  }

  /** Lets time go on until the promise is kept. */
  async during<Kept>(promise: Promise<Kept>): Promise<Kept> {
    let isOver = false;
    const settled = promise.finally(() => (isOver = true));
    settled.catch(() => {});
    while (!isOver) await this.time.run(1_000);
    return settled;
  }

  async end(): Promise<void> {
    this.clock.die();
    this.#server.abandon();
    await rest();
    this.#disk.close();
  }
}

/** Whoever reads a chat and keeps the index after the last event, through any number of clients. */
export class KeepingReader {
  readonly events: CustomerEvent[] = [];
  #stop: (() => Promise<void>) | undefined;

  get next(): number {
    return (this.events.at(-1)?.index ?? 0) + 1;
  }

  /** Goes on reading with this client, in the place of the one before. */
  read(tab: CustomerPushClient): void {
    const stopped = new AbortController();
    const events = tab.events({ from: this.next, signal: stopped.signal });
    void (async () => {
      for await (const event of events) this.events.push(event);
    })();
    this.#stop = () => {
      stopped.abort();
      return tab.close();
    };
  }

  async close(): Promise<void> {
    await this.#stop?.();
    this.#stop = undefined;
  }
}
