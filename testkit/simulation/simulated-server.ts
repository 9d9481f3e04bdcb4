import assert from 'node:assert/strict';
import { createApp, type App } from '@parley/server/app.ts';
import type { Config } from '@parley/server/config/config.ts';
import { demoPassword } from '@parley/server/config/demo.ts';
import { readConfig } from '@parley/server/config/load.ts';
import type { AgentId, RandomBytes } from '@parley/server/domain/ids.ts';
import { JournalError } from '@parley/server/journal/journal-error.ts';
import { seededRandom } from '@parley/server/routing/seeded-random.ts';
import { pino } from 'pino';
import { gateUrl } from '../crash/gate.ts';
import { noFiles } from '../model/no-files.ts';
import type { PlantedBug } from './planted-bug.ts';
import type { SimulatedDisk } from './simulated-disk.ts';
import type { SimulatedNetwork } from './simulated-network.ts';
import type { MortalClock, SimulatedTime } from './simulated-time.ts';
import type { Trace } from './trace.ts';

/** How many chats each agent takes at once. */
export const chatCapacity = 3;

export const workers = ['ann', 'bob'] as const;

/** Whoever is out of reach for longest is gone, and signed out. */
const presence = { lostAfterMs: 3_000, silentAfterMs: 8_000, graceMs: 10_000 };

const contactCenter = {
  logLevel: 'silent',
  externalUrl: gateUrl,
  agents: workers.map((userName) => ({
    userName,
    password: demoPassword,
    queues: ['support'],
    chatCapacity,
  })),
  queues: [
    {
      name: 'support',
      offerTimeoutMs: 4_000,
      offerGraceMs: 500,
      declineBackoffMs: 500,
      afterNoAnswer: 'Ready',
    },
  ],
  services: [{ name: 'support', queue: 'support' }],
  push: { timeoutMs: 5_000, maxIntervalMs: 8_000 },
  presence,
  agentSession: { idleTimeoutMs: 28_000 },
};

/** The contact centre of simulated worlds, with the sections of the configuration file that are to differ. */
export function simulatedConfig(changes: object = {}): Config {
  return readConfig({ ...contactCenter, ...changes }, { machine: { timeZone: 'UTC' } });
}

const usualConfig = simulatedConfig();
export function agentIdOf(userName: (typeof workers)[number]): AgentId {
  const { id } = usualConfig.agents.find((agent) => agent.userName === userName) ?? {};
  assert(id !== undefined);
  return id;
}

/** With the planted bug. */
const patientConfig = simulatedConfig({ presence: { ...presence, graceMs: 86_400_000 } });

/** What a server says when its store finds no room. */
const fullLine = 'the disk is full';
/** The pause before a server that could not start, or ended itself, is started again. */
const startAgainMs = 300;

/** Costs nothing, and no thread: what goes to a thread comes back at no certain time. */
const passwordCost = { N: 2, r: 1, p: 1 };

export interface SimulatedServerOptions {
  readonly seed: number;
  readonly time: SimulatedTime;
  readonly disk: SimulatedDisk;
  readonly network: SimulatedNetwork;
  readonly trace: Trace;
  readonly report: (problem: string) => void;
  /** Default: that of simulated worlds. */
  readonly config?: Config;
  readonly planted?: PlantedBug | undefined;
}

/** The whole server, life after life, on a simulated machine. */
export class SimulatedServer {
  readonly #options: SimulatedServerOptions;
  #clock: MortalClock | undefined;
  /** Servers that should be dead and are not, while that is the planted bug. */
  readonly #undead: MortalClock[] = [];
  #life = 0;
  crashes = 0;

  constructor(options: SimulatedServerOptions) {
    this.#options = options;
  }

  /** Starts on what the disk holds, or later when that has no room for it; nothing happens when it runs already. */
  async start(): Promise<void> {
    if (this.#clock) return;
    const { time, network, trace } = this.#options;
    const clock = time.mortal();
    this.#clock = clock;
    this.#life += 1;
    trace.add(`start ${this.#life}`);
    try {
      const app = await this.#create(clock);
      if (this.#clock === clock) network.attach(app);
    } catch (error) {
      if (!(error instanceof JournalError) || error.code !== 'unusable') throw error;
      trace.add('no room to start');
      this.abandon();
      this.#startAgain();
    }
  }

  async #create(clock: MortalClock): Promise<App> {
    const { seed, disk, planted } = this.#options;
    const patient = planted === 'waits for ever for agents who have gone' ? patientConfig : usualConfig;
    const { config = patient } = this.#options;
    let isOpen = false;
    const app = await createApp({
      ...{ config, clock, passwordCost },
      random: seededBytes(seed * 31 + this.#life),
      logger: this.#logger(clock),
      onFatal: () => this.#died(clock),
      machine: {
        openJournal: async (hearers) => disk.open(clock, { ...hearers, isOpen: () => isOpen }),
        files: noFiles,
        pushClock: clock,
      },
    });
    isOpen = true;
    return app;
  }

  /** The process is gone from one instruction to the next. */
  crash(): void {
    if (!this.#clock) return;
    this.#options.trace.add('crash');
    this.crashes += 1;
    if (this.#options.planted === 'goes on beside its successor') this.#leaveAlive(this.#clock);
    else {
      this.abandon();
      this.#options.disk.crash();
    }
  }

  /** Its timers and its writes go on; only the requests go to another. */
  #leaveAlive(clock: MortalClock): void {
    this.#undead.push(clock);
    this.#clock = undefined;
    this.#options.network.attach(undefined);
  }

  /** Nothing that the server has begun goes on. */
  abandon(): void {
    for (const clock of [this.#clock, ...this.#undead]) clock?.die();
    this.#clock = undefined;
    this.#options.network.attach(undefined);
  }

  /** The store has failed, and the server ends itself, as `server/main.ts` does. */
  #died(clock: MortalClock): void {
    if (this.#clock !== clock) return;
    this.#options.trace.add('the store failed');
    this.crash();
    this.#startAgain();
  }

  #startAgain(): void {
    const { time } = this.#options;
    time.mortal().after(startAgainMs, () => time.hold(this.start()));
  }

  #logger(clock: MortalClock): ReturnType<typeof pino> {
    const write = (line: string): void => {
      if (this.#clock !== clock) return;
      if (line.includes(fullLine)) this.#options.trace.add(fullLine);
      else this.#options.report(`the server logged ${line.trim()}`);
    };
    return pino({ level: 'error', base: null, timestamp: false }, { write });
  }
}

function seededBytes(seed: number): RandomBytes {
  const random = seededRandom(seed);
  return (count) => Uint8Array.from({ length: count }, () => Math.floor(random() * 256));
}
