import type { LoadOptions } from '@parley/load/run/load-options.ts';
import { loadCourse, type LoadCourse, type LoadResult } from '@parley/load/run/load-result.ts';
import { LoadRun } from '@parley/load/run/load-run.ts';
import { sentenceOf } from '@parley/load/history/history-book.ts';
import { ownAccounts, ownConfiguration, ownService } from '@parley/load/server/own-server.ts';
import type { PrivateServer } from '@parley/server/journal/postgres/private-server.ts';
import { pick, seededRandom, type Random } from '@parley/server/routing/seeded-random.ts';
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { LossyProxy } from '../lossy-proxy.ts';
import type { Fault, FaultStage } from './fault.ts';
import { ServerHost } from './server-host.ts';
import { mountTmpfs, unmount } from './tools.ts';

export interface FaultRoundOptions {
  readonly seed: number;
  readonly faults: readonly Fault[];
  /** The PostgreSQL that keeps the chats. Default: SQLite in the round's own folder. */
  readonly database?: PrivateServer;
  readonly lastsMs: number;
  readonly tell: (line: string) => void;
  /** Called after each fault, once messages arrive again, with how long there have been faults. */
  readonly onPlayed: (playedMs: number) => void;
  /** Asked after each fault: whether the rest is left out. */
  readonly isToFinish: () => boolean;
}

/** What a round came to. `problems` is empty when the server kept its word and came back from every fault. */
export interface FaultRound {
  readonly problems: readonly string[];
  readonly played: readonly string[];
  readonly result: LoadResult;
  readonly course: LoadCourse;
}

const customers = 12;
const agents = 4;

/** Room for the store and some more. */
const dataMegabytes = 128;

/** Between two faults, at most: the clients get back to work. */
const longestCalmMs = 700;

/** After a fault, so many messages must arrive within so long. */
const backAfterMessages = 20;
const backWithinMs = 30_000;

/** Short, so that a lost connection is noticed while the round lasts. */
const push = { timeoutMs: 4_000, maxIntervalMs: 10_000 };

/**
 * One server under load, every fault once in the order that the seed gives, and everything checked that was
 * acknowledged. What falls into a fault is up to the machine; what is done to whom is up to the seed.
 */
export async function playFaultRound(options: FaultRoundOptions): Promise<FaultRound> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-faults-'));
  const dataFolder = join(folder, 'data');
  await mkdir(dataFolder);
  const isMounted =
    options.faults.some(({ needs }) => needs.includes('tmpfs')) && mountTmpfs(dataFolder, dataMegabytes);
  const proxy = await LossyProxy.open(1);
  const accounts = ownAccounts(agents);
  const { database } = options;
  const store = database === undefined ? {} : { database: { url: database.url } };
  const configuration = { ...ownConfiguration(accounts, customers), push, ...store };
  const host = new ServerHost({ folder, dataFolder, configuration }, proxy);
  const random = seededRandom(options.seed);
  const load = new LoadRun(
    loadOptions(`http://127.0.0.1:${proxy.port}`, { accounts, random, seed: options.seed }),
  );
  try {
    await host.start();
    await load.signIn();
    const { lastsMs } = options;
    const stage: FaultStage = {
      ...{ host, proxy, load, random, pause, lastsMs },
      ...(database === undefined ? {} : { database }),
    };
    const faults = playAll(stage, options);
    const result = await load.work(faults);
    const { played, problems } = await faults;
    const stopped = await host.stop().catch((error: Error) => error);
    if (stopped) problems.push(stopped.message);
    problems.push(...result.details.map(sentenceOf));
    if (database === undefined) problems.push(...damageIn(join(dataFolder, 'parley.db')));
    problems.push(...load.unfinished);
    return { problems, played, result, course: loadCourse(load) };
  } finally {
    load.giveUp();
    await host.abandon();
    await proxy.close();
    if (isMounted) unmount(dataFolder);
    await rm(folder, { recursive: true, force: true });
  }
}

function loadOptions(
  url: string,
  { accounts, random, seed }: { accounts: LoadOptions['accounts']; random: Random; seed: number },
): LoadOptions {
  return {
    ...{ url, service: ownService, accounts, customers, seed },
    // Ends when the faults do.
    seconds: 24 * 3600,
    mode: 'closed',
    rate: 0,
    rampSeconds: 1,
    thinkMs: 30,
    messagesPerChat: 15,
    flappingPercent: 0,
    push: pick(random, ['long-polling', 'websocket']),
    customerMode: pick(random, ['polling', 'cometd']),
    pollMs: 150,
    requestTimeoutMs: 5_000,
    drainMs: 60_000,
  };
}

async function playAll(
  stage: FaultStage,
  { faults, tell, onPlayed, isToFinish }: FaultRoundOptions,
): Promise<{ played: string[]; problems: string[] }> {
  const { host, load, random } = stage;
  const { push: pushMode, customerMode } = load.options;
  tell(`agents on ${pushMode}, customers on ${customerMode}`);
  const played: string[] = [];
  const problems: string[] = [];
  await pause(2_500);
  const startedMs = performance.now();
  for (const fault of shuffled(faults, random)) {
    await pause(random() * longestCalmMs);
    const beganAtMs = performance.now();
    load.meter.mark(fault.name);
    try {
      await fault.play(stage);
      played.push(fault.name);
      const endedAtMs = performance.now();
      await untilBack(stage);
      const backMs = performance.now() - endedAtMs;
      tell(`${fault.name}: ${seconds(endedAtMs - beganAtMs)}, back after ${seconds(backMs)}`);
    } catch (error) {
      problems.push(`${fault.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (!host.isRunning) problems.push(`${fault.name}: the server is not there any more:\n${host.output}`);
    onPlayed(performance.now() - startedMs);
    if (problems.length > 0 || load.ledger.findings.length > 0 || isToFinish()) break;
  }
  return { played, problems };
}

/** Messages arrive again, in both directions. */
async function untilBack({ load }: FaultStage): Promise<void> {
  const { toAgent, toCustomer } = load.meter.totals;
  const untilMs = performance.now() + backWithinMs;
  const [seenByAgents, seenByCustomers] = [toAgent.total, toCustomer.total];
  const isBack = (): boolean =>
    toAgent.total >= seenByAgents + backAfterMessages &&
    toCustomer.total >= seenByCustomers + backAfterMessages;
  while (!isBack()) {
    if (performance.now() > untilMs)
      throw new Error(
        `hardly any message arrives after it (${JSON.stringify(Object.fromEntries(load.meter.errors))})`,
      );
    await pause(20);
  }
}

/** What SQLite itself says about the file. */
function damageIn(path: string): readonly string[] {
  const db = new DatabaseSync(path, { readOnly: true });
  const [row] = db.prepare('PRAGMA integrity_check').all();
  db.close();
  const said = String(row?.['integrity_check']);
  return said === 'ok' ? [] : [`the store is damaged: ${said}`];
}

function shuffled<Item>(items: readonly Item[], random: Random): readonly Item[] {
  return items
    .map((item) => ({ item, place: random() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ item }) => item);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
