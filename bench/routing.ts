import type { AgentId, ChatId } from '@parley/server/domain/ids.ts';
import { route } from '@parley/server/routing/route.ts';
import { integerBetween, pick, seededRandom, type Random } from '@parley/server/routing/seeded-random.ts';
import type { ReadyAgent, RoutingSnapshot, WaitingChat } from '@parley/server/routing/snapshot.ts';
import type { BenchOptions, Figures } from './lib/bench-module.ts';
import { printTable } from './lib/report.ts';
import { median, rounded } from './lib/statistics.ts';

const queues = Array.from({ length: 20 }, (_, at) => `queue-${at}`);
const skills = Array.from({ length: 30 }, (_, at) => `skill-${at}`);
const nowMs = 1_800_000_000_000;

/** How many agents have room when the round starts: as after a restart, in the middle of a day, in an overload. */
const situations = {
  'everybody free': 1,
  'one in ten has room': 0.1,
  'one agent has room': 0,
} as const;

type Situation = keyof typeof situations;

function someSkills(random: Random, count: number): [string, number][] {
  return Array.from({ length: count }, () => [pick(random, skills), integerBetween(random, 1, 10)]);
}

/** An agent serves three queues and has eight skills; may have three chats at once. */
function agent(random: Random, at: number, free: boolean): ReadyAgent {
  return {
    agentId: `agent-${at}` as AgentId,
    skills: new Map(someSkills(random, 8)),
    queues: new Set([pick(random, queues), pick(random, queues), pick(random, queues)]),
    capacity: 3,
    load: free ? integerBetween(random, 0, 2) : 3,
    readySinceMs: nowMs - integerBetween(random, 0, 600_000),
  };
}

/** What chats ask for: 200 mixtures of a queue and up to two skills with levels. */
function placements(random: Random): Pick<WaitingChat, 'queue' | 'skills'>[] {
  return Array.from({ length: 200 }, () => ({
    queue: pick(random, queues),
    skills: someSkills(random, integerBetween(random, 0, 2)).map(([skill, level]) => ({
      skill,
      level: Math.ceil(level / 2),
    })),
  }));
}

/** A snapshot of the given size: one chat in ten has a last agent, one in twenty an exclusion. */
function snapshotOf(
  seed: number,
  size: { agents: number; waiting: number },
  situation: Situation,
): RoutingSnapshot {
  const random = seededRandom(seed);
  const asked = placements(random);
  const someAgent = (): AgentId => `agent-${integerBetween(random, 0, size.agents - 1)}` as AgentId;
  return {
    nowMs,
    agents: Array.from({ length: size.agents }, (_, at) =>
      agent(random, at, at === 0 || random() < situations[situation]),
    ),
    waiting: Array.from({ length: size.waiting }, (_, at) => {
      const { queue, skills: needed } = pick(random, asked);
      return {
        chatId: `chat-${at}` as ChatId,
        queue,
        // A chat read from the log has a list of its own.
        skills: needed.map((one) => ({ ...one })),
        priority: integerBetween(random, 0, 5),
        ageingPerMinute: random() < 0.5 ? 0 : 0.5,
        waitingSinceMs: nowMs - integerBetween(random, 0, 1_800_000),
        lastAgentId: random() < 0.1 ? someAgent() : null,
        exclusions: random() < 0.05 ? [{ agentId: someAgent(), untilMs: nowMs + 30_000 }] : [],
      };
    }),
  };
}

const columns = ['round ms', 'cpu ms', 'slowest', 'offers'];

interface RoundTimes {
  readonly medianMs: number;
  /** Processor time of one round, the garbage collector's included: what other programs on the machine do not change. */
  readonly cpuMs: number;
  readonly slowestMs: number;
  readonly offers: number;
}

/** Times rounds over five snapshots in turn, after as many rounds again to warm up. */
function timeRounds(
  size: { agents: number; waiting: number },
  situation: Situation,
  rounds: number,
): RoundTimes {
  const snapshots = [1, 2, 3, 4, 5].map((seed) => snapshotOf(seed, size, situation));
  const times: number[] = [];
  let offers = 0;
  let startedAt = process.cpuUsage();
  for (let turn = 0; turn < rounds * 2; turn++) {
    if (turn === rounds) startedAt = process.cpuUsage();
    const snapshot = snapshots[turn % snapshots.length] as RoutingSnapshot;
    const startMs = performance.now();
    const decision = route(snapshot);
    const tookMs = performance.now() - startMs;
    if (turn < rounds) continue;
    times.push(tookMs);
    offers += decision.assignments.length;
  }
  const used = process.cpuUsage(startedAt);
  const cpuMs = (used.user + used.system) / 1_000 / rounds;
  return {
    cpuMs,
    medianMs: median(times),
    slowestMs: Math.max(...times),
    offers: Math.round(offers / rounds),
  };
}

/**
 * Time of one decision round with 1,000 agents and 5,000 waiting chats of 200 kinds, and with ten times both.
 * `growth` is the second processor time over the first: 10 would be linear.
 */
export async function run(options: BenchOptions): Promise<Figures> {
  const rounds = options.quick ? 10 : 60;
  const figures: Figures = {};
  const rows: (string | number)[][] = [];
  for (const situation of Object.keys(situations) as Situation[]) {
    const once = timeRounds({ agents: 1_000, waiting: 5_000 }, situation, rounds);
    const tenfold = timeRounds({ agents: 10_000, waiting: 50_000 }, situation, Math.ceil(rounds / 3));
    const growth = tenfold.cpuMs / once.cpuMs;
    figures[situation] = {
      roundMs: rounded(once.medianMs),
      cpuMs: rounded(once.cpuMs),
      slowestMs: rounded(once.slowestMs),
      offers: once.offers,
      tenfoldRoundMs: rounded(tenfold.medianMs),
      tenfoldCpuMs: rounded(tenfold.cpuMs),
      tenfoldSlowestMs: rounded(tenfold.slowestMs),
      tenfoldOffers: tenfold.offers,
      growth: rounded(growth, 1),
    };
    rows.push([situation, ...Object.values(figures[situation]).map(Number)]);
  }
  const header = [
    'situation',
    ...['', '10x '].flatMap((size) => columns.map((name) => size + name)),
    'growth',
  ];
  printTable('Routing: one decision round, 1,000 agents and 5,000 waiting; ten times both', header, rows);
  return figures;
}
