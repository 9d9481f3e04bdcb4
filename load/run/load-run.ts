import { Meter } from '../figures/meter.ts';
import { Arrivals } from './arrivals.ts';
import { ChatLedger } from './chat-ledger.ts';
import { LoadAgent } from './load-agent.ts';
import { LoadCustomer } from './load-customer.ts';
import type { LoadOptions } from './load-options.ts';
import { loadResult, type LoadResult } from './load-result.ts';
import type { RunContext } from './run-context.ts';
import { seededRandom } from './seeded-random.ts';

/** The mean time between two cuts of a client whose connection flaps. */
const flapEveryMs = 5_000;

/** A server that cannot be reached for so long is not there. */
const signInPatienceMs = 60_000;

/** Sign-ins at a time: passwords are hashed one by one. */
const parallelSignIns = 8;

export interface LoadRunHooks {
  /** Called every second while the clients work. */
  readonly onSecond?: (run: LoadRun) => void;
}

/** Customers and agents at work against one server, and what is known of it. */
export class LoadRun {
  readonly options: LoadOptions;
  readonly meter: Meter;
  readonly ledger: ChatLedger;
  readonly agents: readonly LoadAgent[];
  readonly customers: readonly LoadCustomer[];
  readonly #context: RunContext;
  readonly #arrivals: Arrivals | undefined;
  readonly #givenUp = new AbortController();
  readonly #hooks: LoadRunHooks;
  #isOver = false;
  flaps = 0;
  /** What `drainMs` was too short for. */
  unfinished: readonly string[] = [];

  constructor(options: LoadOptions, hooks: LoadRunHooks = {}) {
    const now = (): number => performance.now();
    const random = seededRandom(options.seed);
    this.options = options;
    this.#hooks = hooks;
    this.meter = new Meter(now);
    this.ledger = new ChatLedger(this.meter, now);
    this.#context = {
      ...{ options, random, now, meter: this.meter, ledger: this.ledger },
      pause: (delayMs) => this.#pause(delayMs),
      isOver: () => this.#isOver,
      isGivenUp: () => this.#givenUp.signal.aborted,
    };
    const onDropped = (): void => this.meter.failed('not sent: too many are due');
    this.#arrivals =
      options.mode === 'open' ? new Arrivals({ rate: options.rate, random, now, onDropped }) : undefined;
    this.agents = options.accounts.map((account) => new LoadAgent(this.#context, account));
    this.customers = Array.from(
      { length: options.customers },
      (_, at) => new LoadCustomer(this.#context, { number: at + 1, arrivals: this.#arrivals }),
    );
  }

  /**
   * Signs all agents in; false when that takes longer than a minute without anybody getting in. Rejects with
   * `ParleyError` when a password is wrong.
   */
  async signIn(): Promise<boolean> {
    const waiting = [...this.agents];
    const next = async (): Promise<void> => {
      for (let agent = waiting.shift(); agent; agent = waiting.shift()) await agent.begin();
    };
    const late = setTimeout(
      () => waiting.length + parallelSignIns >= this.agents.length && this.giveUp(),
      signInPatienceMs,
    );
    await Promise.all(Array.from({ length: parallelSignIns }, next));
    clearTimeout(late);
    return !this.#givenUp.signal.aborted;
  }

  /**
   * Lets the customers come, measures, lets everybody finish, checks. `until` ends the measuring earlier. Agents must
   * have signed in. Never rejects because of the server: what goes wrong is in the result.
   */
  async work(until?: Promise<unknown>): Promise<LoadResult> {
    const { rampSeconds, seconds } = this.options;
    const ticking = setInterval(() => {
      this.meter.tick();
      this.#hooks.onSecond?.(this);
    }, 1000);
    const customers = this.customers.map((customer, at) => this.#come(customer, at));
    const flapping = this.#flap();
    await this.#race([this.#pause(rampSeconds * 1000), until]);
    this.#arrivals?.start();
    await this.#race([this.#pause(rampSeconds * 1000), until]);
    this.meter.begin();
    await this.#race([this.#pause(seconds * 1000), until]);
    this.meter.end();
    this.#isOver = true;
    this.#arrivals?.stop();
    await this.#drain(Promise.all(customers));
    clearInterval(ticking);
    this.unfinished = this.ledger.unfinished;
    this.ledger.checkTheRest();
    for (const agent of this.agents) agent.leave();
    await flapping;
    return loadResult(this);
  }

  /** Ends the run at once; `work` resolves with what there is. */
  giveUp(): void {
    this.#isOver = true;
    this.#arrivals?.stop();
    this.#givenUp.abort();
  }

  async #race(waits: readonly (Promise<unknown> | undefined)[]): Promise<void> {
    await Promise.race(waits.filter((wait) => wait !== undefined));
  }

  async #drain(customers: Promise<unknown>): Promise<void> {
    const untilMs = performance.now() + this.options.drainMs;
    const isLate = (): boolean => performance.now() > untilMs || this.#givenUp.signal.aborted;
    while (this.ledger.live > 0 && !isLate()) await this.#pause(50);
    this.#givenUp.abort();
    await customers;
  }

  async #come(customer: LoadCustomer, at: number): Promise<void> {
    const { rampSeconds, customers } = this.options;
    await this.#pause((rampSeconds * 1000 * at) / customers);
    await customer.run();
  }

  /** Cuts the connections of a share of the clients again and again. */
  async #flap(): Promise<void> {
    const { flappingPercent, seed } = this.options;
    const random = seededRandom(seed + 1);
    const everybody = [...this.customers, ...this.agents].filter(() => random() * 100 < flappingPercent);
    while (everybody.length > 0 && !this.#isOver) {
      await this.#pause((flapEveryMs / everybody.length) * (0.5 + random()));
      everybody[Math.floor(random() * everybody.length)]?.connections.cut();
      this.meter.cut();
      this.flaps += 1;
    }
  }

  async #pause(delayMs: number): Promise<void> {
    const { signal } = this.#givenUp;
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', go);
        resolve();
      };
      const timer = setTimeout(go, delayMs);
      signal.addEventListener('abort', go);
    });
  }
}
