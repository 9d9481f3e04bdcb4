import { createApp } from '@parley/server/app.ts';
import type { Config } from '@parley/server/config/config.ts';
import { demoPassword } from '@parley/server/config/demo.ts';
import { readConfig } from '@parley/server/config/load.ts';
import type { RandomBytes } from '@parley/server/domain/ids.ts';
import { seededRandom } from '@parley/server/routing/seeded-random.ts';
import { pino } from 'pino';
import { gateUrl } from '../crash/gate.ts';
import { noFiles } from '../model/no-files.ts';
import type { PlantedBug } from './planted-bug.ts';
import type { SimulatedDisk } from './simulated-disk.ts';
import type { SimulatedNetwork } from './simulated-network.ts';
import type { MortalClock, SimulatedTime } from './simulated-time.ts';
import type { Trace } from './trace.ts';

export const workers = ['ann', 'bob'] as const;

const contactCenter = {
  logLevel: 'silent',
  externalUrl: gateUrl,
  agents: workers.map((userName) => ({ userName, password: demoPassword, queues: ['support'] })),
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
  // Whoever is out of reach for longest is gone, and signed out.
  presence: { lostAfterMs: 3_000, graceMs: 10_000 },
  agentSession: { idleTimeoutMs: 28_000 },
};

/** The contact centre of simulated worlds, with the sections of the configuration file that are to differ. */
export function simulatedConfig(changes: object = {}): Config {
  return readConfig({ ...contactCenter, ...changes }, { machine: { timeZone: 'UTC' } });
}

const usualConfig = simulatedConfig();

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

  /** Starts on what the disk holds; nothing happens when it runs already. */
  async start(): Promise<void> {
    if (this.#clock) return;
    const { seed, time, disk, network, trace, config = usualConfig } = this.#options;
    const clock = time.mortal();
    this.#clock = clock;
    this.#life += 1;
    trace.add(`start ${this.#life}`);
    let isOpen = false;
    const app = await createApp({
      ...{ config, clock, passwordCost },
      random: seededBytes(seed * 31 + this.#life),
      logger: this.#logger(clock),
      onFatal: () => this.#died(clock),
      machine: {
        openJournal: ({ onFatal }) => Promise.resolve(disk.open(clock, { isOpen: () => isOpen, onFatal })),
        files: noFiles,
        pushClock: clock,
      },
    });
    isOpen = true;
    if (this.#clock === clock) network.attach(app);
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
    const { time } = this.#options;
    time.mortal().after(300, () => time.hold(this.start()));
  }

  #logger(clock: MortalClock): ReturnType<typeof pino> {
    const write = (line: string): void => {
      if (this.#clock === clock) this.#options.report(`the server logged ${line.trim()}`);
    };
    return pino({ level: 'error', base: null, timestamp: false }, { write });
  }
}

function seededBytes(seed: number): RandomBytes {
  const random = seededRandom(seed);
  return (count) => Uint8Array.from({ length: count }, () => Math.floor(random() * 256));
}
