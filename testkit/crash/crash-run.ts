import { CustomerClient } from '@parley/client/customer-client.ts';
import { HistoryBook } from '@parley/load/history/history-book.ts';
import { ServerProcess } from '@parley/load/server/server-process.ts';
import { demoPassword } from '@parley/server/config/demo.ts';
import { readConfig } from '@parley/server/config/load.ts';
import type { AgentId } from '@parley/server/domain/ids.ts';
import type { JournalError } from '@parley/server/journal/journal-error.ts';
import { openSqliteJournal } from '@parley/server/journal/sqlite/open.ts';
import { seededRandom, type Random } from '@parley/server/routing/seeded-random.ts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CrashAgent } from './crash-agent.ts';
import type { CrashContext } from './crash-context.ts';
import { CrashCustomer } from './crash-customer.ts';
import { Gate, gateUrl } from './gate.ts';
import {
  countRejections,
  numberingProblems,
  readStored,
  unansweredOffers,
  type Outage,
} from './stored-chats.ts';

export interface CrashRunOptions {
  /** Kills under load; some more fall into the start. */
  readonly kills: number;
  readonly seed: number;
}

/** What a run came to: `problems` is empty when the server kept its word. */
export interface CrashReport {
  readonly problems: readonly string[];
  readonly kills: number;
  readonly killsWhileStarting: number;
  readonly chats: number;
  readonly acknowledged: number;
  /** Requests whose answer was cut off by a kill. */
  readonly cut: number;
  /** Requests acknowledged in chats that had been joined before the last kill. */
  readonly carriedOn: number;
  readonly unansweredOffers: number;
  /** Offers whose timer was set by one server and ran out in another. */
  readonly offersAcrossKills: number;
}

const customerCount = 8;
const workers = ['ann', 'bob', 'cid'] as const;
/** Rings all the time and is never answered: its offers' timers are looked at. */
const silent = 'ida';

/** The load runs so long, at most, before the next kill. */
const longestLifeMs = 600;
const killWhileStartingChance = 0.15;

/** Of offers' timers; see `OfferTimes`. */
const timerSlackMs = 3_000;

/** How many problems are told; there may be one a chat. */
const mostProblems = 30;

const configFile = {
  logLevel: 'error',
  agents: [...workers, silent].map((userName) => ({
    userName,
    password: demoPassword,
    queues: [userName === silent ? 'unanswered' : 'support'],
  })),
  queues: ['support', 'unanswered'].map((name) => ({
    name,
    offerTimeoutMs: 1_000,
    // No servers here live long enough for a grace.
    offerGraceMs: 0,
    declineBackoffMs: 100,
    afterNoAnswer: 'Ready',
  })),
  services: ['support', 'unanswered'].map((name) => ({ name, queue: name })),
  // Whoever waits for nobody does not poll.
  customers: { goneAfterMs: 1_728_000_000 },
  // Everybody works as fast as they are answered.
  rateLimits: { perChat: { requestsPerSecond: 0, messagesPerSecond: 0 }, perAgent: { requestsPerSecond: 0 } },
};

/**
 * Kills the server again and again while agents and customers work with it, starts it on the same data, and compares
 * what everybody was told with what is there. The same seed gives the same people and the same pauses; what falls
 * into a kill is up to the machine.
 */
export async function runCrashes(options: CrashRunOptions): Promise<CrashReport> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-crash-'));
  const run = new CrashRun(folder, options);
  try {
    return await run.play();
  } catch (cause) {
    throw new Error(`${String(cause)}\nThe server printed:\n${run.serverOutput}`, { cause });
  } finally {
    await run.abandon();
    await rm(folder, { recursive: true, force: true });
  }
}

class CrashRun {
  readonly #folder: string;
  readonly #kills: number;
  readonly #random: Random;
  readonly #gate = new Gate();
  readonly #history = new HistoryBook(() => performance.now());
  readonly #problems: string[] = [];
  readonly #outages: Outage[] = [];
  readonly #clients = new AbortController();
  readonly #customers: readonly CrashCustomer[];
  readonly #agents: readonly CrashAgent[];
  readonly #idleAgent: CrashAgent;
  #server: ServerProcess | undefined;
  #life = 0;
  #isOver = false;
  #killsWhileStarting = 0;

  constructor(folder: string, { kills, seed }: CrashRunOptions) {
    this.#folder = folder;
    this.#kills = kills;
    this.#random = seededRandom(seed);
    const context: CrashContext = {
      gate: this.#gate,
      history: this.#history,
      life: () => this.#life,
      isOver: () => this.#isOver,
      pause,
      report: (...problems) => void this.#problems.push(...problems),
    };
    const part = (number: number) => ({ context, random: seededRandom(seed * 1_000 + number) });
    const { signal } = this.#clients;
    const agent = (userName: string, number: number): CrashAgent =>
      new CrashAgent({
        ...part(number),
        userName,
        password: demoPassword,
        signal,
        neverAnswers: userName === silent,
      });
    this.#agents = workers.map((userName, number) => agent(userName, 100 + number));
    this.#idleAgent = agent(silent, 200);
    this.#customers = Array.from({ length: customerCount }, (_, at) => new CrashCustomer(`c${at}`, part(at)));
  }

  async play(): Promise<CrashReport> {
    await writeFile(this.#configPath, JSON.stringify(configFile));
    await this.#start();
    for (const agent of [...this.#agents, this.#idleAgent]) await agent.begin();
    const waiter = new CustomerClient({
      baseUrl: gateUrl,
      service: 'unanswered',
      fetch: this.#gate.fetch,
      retry: { deadlineMs: 0 },
    });
    await waiter.requestChat({ nickname: 'Waiter' });
    const loads = this.#customers.map((customer) => customer.run());
    for (let kill = 0; kill < this.#kills; kill += 1) {
      await pause(this.#random() * longestLifeMs);
      await this.#killAndStart();
      await this.#verify('current');
    }
    await pause(longestLifeMs);
    this.#isOver = true;
    await Promise.all([...loads, ...this.#agents.map((agent) => agent.finished())]);
    await this.#verify('all');
    this.#clients.abort();
    const endedAtMs = Date.now();
    await this.#stop();
    return this.#report(waiter.chatId, endedAtMs);
  }

  /** What the running server printed and logged so far. */
  get serverOutput(): string {
    return this.#server?.output ?? '';
  }

  /** Leaves no process behind when the run fails. */
  async abandon(): Promise<void> {
    this.#isOver = true;
    this.#clients.abort();
    await this.#server?.kill().catch(() => undefined);
  }

  get #configPath(): string {
    return join(this.#folder, 'parley.json');
  }

  #spawn(): ServerProcess {
    this.#server = new ServerProcess({
      configPath: this.#configPath,
      dataFolder: join(this.#folder, 'data'),
    });
    return this.#server;
  }

  async #start(): Promise<void> {
    this.#gate.open(await this.#spawn().ready);
    this.#life += 1;
  }

  async #stop(): Promise<void> {
    this.#gate.close();
    await this.#server?.stop();
    this.#server = undefined;
  }

  async #killAndStart(): Promise<void> {
    const fromMs = Date.now();
    this.#gate.close();
    await this.#server?.kill();
    let server = this.#spawn();
    if (this.#random() < killWhileStartingChance) {
      // A start takes a moment; killed anywhere in it, the next one must find everything all the same.
      await Promise.race([pause(this.#random() * 1_000), server.ready]);
      await server.kill();
      this.#killsWhileStarting += 1;
      server = this.#spawn();
    }
    const url = await server.ready;
    this.#life += 1;
    this.#outages.push({ fromMs, toMs: Date.now() });
    this.#gate.open(url);
  }

  async #verify(which: 'all' | 'current'): Promise<void> {
    const everybody = [...this.#customers, ...this.#agents];
    await Promise.all(everybody.map((one) => one.verify(which)));
    if (this.#problems.length > 0) throw new Error(this.#told());
  }

  #told(): string {
    const { length } = this.#problems;
    return `${length} problems after ${this.#outages.length} kills:\n${this.#problems.slice(0, mostProblems).join('\n')}`;
  }

  async #report(unansweredChatId: string, endedAtMs: number): Promise<CrashReport> {
    const journal = await openSqliteJournal({
      path: join(this.#folder, 'data', 'parley.db'),
      onFatal: (error: JournalError) => void this.#problems.push(error.message),
    });
    const chatIds = [...this.#history.chatIds, unansweredChatId];
    const stored = await readStored(journal, chatIds);
    await journal.close();
    for (const [chatId, events] of stored) this.#problems.push(...numberingProblems(chatId, events));
    this.#checkRejections(stored);
    const offers = unansweredOffers(stored.get(unansweredChatId) ?? [], {
      outages: this.#outages,
      endedAtMs,
      slackMs: timerSlackMs,
    });
    this.#problems.push(...offers.problems);
    const carriers = [...this.#customers, ...this.#agents];
    return {
      problems: this.#problems.slice(0, mostProblems),
      kills: this.#outages.length,
      killsWhileStarting: this.#killsWhileStarting,
      chats: chatIds.length,
      acknowledged: this.#history.count('acknowledged'),
      cut: this.#history.count('unknown'),
      carriedOn: carriers.reduce((sum, { carriedOn }) => sum + carriedOn, 0),
      unansweredOffers: offers.count,
      offersAcrossKills: offers.acrossOutages,
    };
  }

  /** Rejections are no entries of the message log: the stored events tell of them. */
  #checkRejections(stored: Awaited<ReturnType<typeof readStored>>): void {
    const { agents } = readConfig(configFile, { machine: { timeZone: 'UTC' } });
    for (const [at, agent] of this.#agents.entries()) {
      const agentId = agents[at]?.id as AgentId;
      for (const [chatId, { accepted, sent }] of agent.rejections) {
        const found = countRejections(stored.get(chatId) ?? [], agentId);
        if (found < accepted || found > sent)
          this.#problems.push(
            `${chatId}: of ${sent} rejections ${accepted} were accepted and ${found} are stored`,
          );
      }
    }
  }
}
