import { HistoryBook } from '@parley/load/history/history-book.ts';
import { demoPassword } from '@parley/server/config/demo.ts';
import {
  exponential,
  integerBetween,
  pick,
  seededRandom,
  type Random,
} from '@parley/server/routing/seeded-random.ts';
import { CrashAgent } from '../crash/crash-agent.ts';
import type { CrashContext } from '../crash/crash-context.ts';
import { CrashCustomer } from '../crash/crash-customer.ts';
import { AnswerCheck, type Refusals } from './answer-check.ts';
import type { PlantedBug } from './planted-bug.ts';
import { calm, SimulatedNetwork, stormy, type NetworkCounts } from './simulated-network.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import { agentIdOf, chatCapacity, SimulatedServer, workers } from './simulated-server.ts';
import { rest, SimulatedTime, type MortalClock } from './simulated-time.ts';
import { Trace } from './trace.ts';
import { chatsWith, unservedChats } from './unserved-chats.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly planted?: PlantedBug;
  /** Hears everything that happens, one line each. */
  readonly onTrace?: (line: string) => void;
}

/** What one seed came to. `problems` is empty when the server kept its word. */
export interface SimulationReport {
  readonly seed: number;
  readonly problems: readonly string[];
  /** The same seed gives the same digest of everything that happened. */
  readonly digest: string;
  readonly acknowledged: number;
  readonly cut: number;
  readonly crashes: number;
  readonly faults: number;
  /** How often an agent was away for so long that the server took them for gone, or ended their login session. */
  readonly gone: number;
  /** How many chats agents had when they went home, of those that went on. */
  readonly left: number;
  /** Requests that were refused, or answered before anybody knew, by a server that had no room on its disk. */
  readonly refusals: Refusals;
  readonly network: NetworkCounts;
  /** How much time went by in the world. */
  readonly simulatedMs: number;
}

const customerNames = ['c0', 'c1'] as const;
/** Faults of one world, and the mean time between two of them; milliseconds of the simulated world. */
const fewestFaults = 2;
const mostFaults = 6;
const faultEveryMs = 1_500;
/** How long things have then to come right. */
const recoveryMs = 30_000;
/**
 * How many times as long people pause as in the load on a real machine: what goes wrong is to meet many requests, but what
 * happens in between is to cost few.
 */
const busyPace = 60;
const easyPace = 600;
/** The longest lull, in which time goes on and next to nothing is asked. */
const longestLullMs = 30_000;
/** A client is cut off for at most so long. */
const longestCutMs = 12_000;
/** How long an agent is away: in the longer time they are gone, and their login session is over. */
const shortestAbsenceMs = 12_000;
const longestAbsenceMs = 45_000;
/** How long the disk is full: in the longer time whoever waits for room is answered before there is. */
const shortestFullMs = 3_000;
const longestFullMs = 15_000;
/**
 * Who has gone home when all works again. What they leave behind is to reach somebody: for that they must be gone, which
 * takes a held poll, a push session without one, and the times of `presence`, one after the other.
 */
const goneHome = [[], [], [], [workers[0]], [workers[1]], workers] as const;
const certainlyGoneMs = 32_000;
/** In so long whoever has come back is at work again. */
const backAtWorkMs = 15_000;
/** What is still wrong after this was not under way. */
const secondLookMs = 2_000;
/** So slow a disk that what waits for it may be too much. */
const slowDiskMs = 200;
/** Nothing is refused any more so long after the disk has room and is quick enough. */
const noticedMs = 3_000;

/**
 * Plays one world from a seed: agents and customers work with a server over a network that loses and delays, on a disk
 * that dawdles and fails, and the server is killed again and again. Then everything works, and what is not right after
 * a while is a problem. Nothing in it knows the machine's clock or its chance.
 */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  const world = new World(options);
  try {
    await world.play();
  } catch (error) {
    // A server that cannot start on what its disk holds, or a client that gives up.
    world.report(sentenceOf(error));
  } finally {
    await world.end();
  }
  return world.told();
}

class World {
  readonly #seed: number;
  readonly #random: Random;
  readonly #time = new SimulatedTime();
  readonly #clock: MortalClock = this.#time.mortal();
  readonly #trace: Trace;
  readonly #problems: string[] = [];
  readonly #history: HistoryBook;
  readonly #network: SimulatedNetwork;
  readonly #disk: SimulatedDisk;
  readonly #server: SimulatedServer;
  readonly #agents: readonly CrashAgent[];
  readonly #customers: readonly CrashCustomer[];
  readonly #clients = new AbortController();
  readonly #answers: AnswerCheck;
  #diskMs = 1;
  #left = 0;
  /** By name: takes back that they are reached again. */
  readonly #reconnects = new Map<string, () => void>();
  #pace = busyPace;
  #isOver = false;
  #faults = 0;
  readonly #startedMs = this.#time.now();

  constructor({ seed, planted, onTrace = () => {} }: SimulationOptions) {
    this.#seed = seed;
    this.#random = seededRandom(seed);
    this.#trace = new Trace(() => this.#time.now(), onTrace);
    this.#history = new HistoryBook(() => this.#time.now());
    const report = (problem: string): void => this.report(problem);
    this.#answers = new AnswerCheck({ now: () => this.#time.now(), report });
    this.#network = new SimulatedNetwork({
      clock: this.#clock,
      random: seededRandom(seed * 13 + 5),
      planted,
      answers: this.#answers,
    });
    const diskRandom = seededRandom(seed * 7 + 1);
    this.#disk = new SimulatedDisk({
      random: diskRandom,
      latencyMs: () => exponential(diskRandom, this.#diskMs),
      planted,
      onNoRoom: (sinceMs) => this.#answers.stillFull(sinceMs),
    });
    this.#server = new SimulatedServer({
      ...{ seed, time: this.#time, disk: this.#disk, network: this.#network, trace: this.#trace, planted },
      report,
    });
    const part = (name: string, number: number) => ({
      context: this.#contextOf(name),
      random: seededRandom(seed * 1_000 + number),
    });
    const { signal } = this.#clients;
    this.#agents = workers.map(
      (userName, at) =>
        new CrashAgent({
          ...part(userName, 100 + at),
          ...{ userName, password: demoPassword, signal, comesBack: true },
        }),
    );
    this.#customers = customerNames.map((name, at) => new CrashCustomer(name, part(name, at)));
  }

  async play(): Promise<void> {
    await this.#server.start();
    await this.#during(Promise.all(this.#agents.map((agent) => agent.begin())), recoveryMs);
    const loads = this.#customers.map((customer) => customer.run());
    this.#network.weather = stormy;
    await this.#trouble();
    await this.#heal(pick(this.#random, goneHome));
    this.#isOver = true;
    await this.#during(Promise.all([...loads, ...this.#agents.map((agent) => agent.finished())]), recoveryMs);
    // Customers first: only they are told which leaves were the server's doing.
    for (const everybody of [this.#customers, this.#agents])
      await this.#during(Promise.all(everybody.map((one) => one.verify('all'))), recoveryMs);
  }

  told(): SimulationReport {
    return {
      seed: this.#seed,
      problems: [...new Set(this.#problems)],
      digest: this.#trace.digest(),
      acknowledged: this.#history.count('acknowledged'),
      cut: this.#history.count('unknown'),
      crashes: this.#server.crashes,
      faults: this.#faults,
      gone: this.#agents.reduce((sum, { timesGone, timesSignedIn }) => sum + timesGone + timesSignedIn, 0),
      left: this.#left,
      refusals: this.#answers.counts,
      network: this.#network.counts,
      simulatedMs: Math.round(this.#time.now() - this.#startedMs),
    };
  }

  async end(): Promise<void> {
    this.#isOver = true;
    this.#clients.abort();
    this.#clock.die();
    this.#server.abandon();
    await rest();
    this.#disk.close();
  }

  /** What one client shares with all others, over its own way to the server. */
  #contextOf(name: string): CrashContext {
    const fetch = this.#network.fetchOf(name);
    return {
      gate: { fetch: (url, init) => this.#trace.request(name, url, () => fetch(url, init)) },
      scheduler: this.#clock,
      history: this.#history,
      life: () => this.#server.crashes + 1,
      isOver: () => this.#isOver,
      pause: (delayMs) => this.#clock.pause(delayMs * this.#pace),
      report: (...problems) => problems.forEach((problem) => this.report(problem)),
    };
  }

  report(problem: string): void {
    this.#trace.add(`problem ${problem}`);
    this.#problems.push(problem);
  }

  async #trouble(): Promise<void> {
    const faults = integerBetween(this.#random, fewestFaults, mostFaults);
    while (this.#faults < faults) {
      await this.#time.run(exponential(this.#random, faultEveryMs));
      this.#faults += 1;
      await this.#fault();
    }
  }

  async #fault(): Promise<void> {
    const name = pick(this.#random, [...workers, ...customerNames]);
    switch (integerBetween(this.#random, 1, 9)) {
      case 1:
      case 2:
        return this.#crash();
      case 3:
        return this.#cutOff(name, this.#random() * longestCutMs);
      case 4:
        return this.#setDisk({ ms: pick(this.#random, [1, 1, 20, slowDiskMs]) });
      case 5:
        this.#trace.add('disk fails');
        return this.#disk.failNext();
      case 6:
        return this.#absence(pick(this.#random, workers));
      case 7:
      case 8:
        return this.#fillDisk();
      default:
        return this.#lull(this.#random() * longestLullMs);
    }
  }

  /** Other things go wrong meanwhile, a crash above all; room may come and go. */
  async #fillDisk(): Promise<void> {
    const forMs = shortestFullMs + this.#random() * (longestFullMs - shortestFullMs);
    this.#setDisk({ room: pick(this.#random, [0, 0, 0, 0.2]) });
    this.#clock.after(forMs, () => this.#setDisk({ room: 1 }));
    if (this.#random() < 0.5) return;
    await this.#time.run(this.#random() * forMs);
    return this.#crash();
  }

  /** How long a commit takes, and the chance that it finds room. */
  #setDisk({ ms = this.#diskMs, room = this.#disk.chanceOfRoom }): void {
    this.#trace.add(`disk ${ms} ${room}`);
    this.#diskMs = ms;
    this.#disk.chanceOfRoom = room;
    const takesAll = ms < slowDiskMs && room === 1;
    this.#answers.takesAllFromMs = takesAll ? this.#time.now() + noticedMs : Infinity;
  }

  async #crash(): Promise<void> {
    this.#server.crash();
    await this.#time.run(this.#random() * 2_000);
    await this.#server.start();
  }

  async #lull(forMs: number): Promise<void> {
    this.#trace.add('a lull');
    this.#pace = easyPace;
    await this.#time.run(forMs);
    this.#pace = busyPace;
  }

  /** They come back in the lull, or while other things go wrong. */
  #absence(name: string): Promise<void> {
    const forMs = shortestAbsenceMs + this.#random() * (longestAbsenceMs - shortestAbsenceMs);
    this.#cutOff(name, forMs);
    return this.#lull(forMs * (0.8 + this.#random() / 2));
  }

  #cutOff(name: string, forMs: number): void {
    const isHalfOpen = this.#random() < 0.5;
    this.#trace.add(`${name} is cut off ${isHalfOpen}`);
    this.#network.cutOff(name, isHalfOpen);
    const reconnect = this.#clock.after(forMs, () => this.#network.reconnect(name));
    // They are away for as long as they were sent last.
    this.#reconnects.get(name)?.();
    this.#reconnects.set(name, reconnect);
  }

  /**
   * From here on everything works, and people work on, but for those who have gone home without a word. What they had is
   * for the others, or waits until they come back.
   */
  async #heal(gone: readonly (typeof workers)[number][]): Promise<void> {
    this.#pace = easyPace;
    this.#network.weather = calm;
    this.#setDisk({ ms: 1, room: 1 });
    for (const name of [...workers, ...customerNames]) {
      this.#reconnects.get(name)?.();
      this.#network.reconnect(name);
    }
    this.#left = chatsWith(this.#disk.contents(), new Set(gone.map(agentIdOf)));
    for (const name of gone) this.#cutOff(name, certainlyGoneMs + 2 * secondLookMs);
    // What is on the disk is all that is left.
    if (this.#random() < 0.5) await this.#crash();
    await this.#time.run(gone.length > 0 ? certainlyGoneMs : recoveryMs);
    await this.#server.start();
    await this.#allAreServed(gone);
    if (gone.length === 0) return;
    await this.#time.run(backAtWorkMs);
    await this.#allAreServed([]);
  }

  async #allAreServed(gone: readonly (typeof workers)[number][]): Promise<void> {
    const look = (): readonly string[] =>
      unservedChats(this.#disk.contents(), {
        ...{ nowMs: this.#time.now(), chatCapacity, gone: new Set(gone.map(agentIdOf)) },
      });
    const found = look();
    if (found.length === 0) return;
    await this.#time.run(secondLookMs);
    const still = new Set(look());
    for (const problem of found) if (still.has(problem)) this.report(problem);
  }

  /** Lets time go on until the promise is kept. */
  async #during(promise: Promise<unknown>, withinMs: number): Promise<void> {
    let isKept = false;
    promise.then(
      () => (isKept = true),
      (error: unknown) => {
        isKept = true;
        this.report(`somebody gave up: ${sentenceOf(error)}`);
      },
    );
    const untilMs = this.#time.now() + withinMs;
    while (!isKept && this.#time.now() < untilMs) await this.#time.run(100);
    if (!isKept) this.report(`what should have been done within ${withinMs} ms was not`);
  }
}

/** Our own frames on the way to it: those of Node in between depend on when the machine's own promises are settled. */
function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^ +at .*[/]/.test(line) && !/node:|node_modules/.test(line));
  return [`${error.name}: ${error.message}`, ...frames.slice(0, 4)].join('\n');
}
