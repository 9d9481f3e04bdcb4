import type { SkillRequirement } from '../domain/chat-event.ts';
import type { AgentId, ChatId } from '../domain/ids.ts';
import type { BusinessHours } from '../domain/business-hours.ts';
import type { QueueRules } from './queue-rules.ts';
import type { RelaxationStep } from './relaxation.ts';
import { integerBetween, pick, type Random } from './seeded-random.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** A time at which an agent starts or stops taking chats. */
export interface Turn {
  readonly atMs: number;
  readonly ready: boolean;
}

export interface PlannedAgent {
  readonly agentId: AgentId;
  readonly skills: ReadonlyMap<string, number>;
  readonly queues: ReadonlySet<string> | null;
  readonly capacity: number;
  /** Shift and breaks, in order of time. */
  readonly turns: readonly Turn[];
}

export interface PlannedChat {
  readonly chatId: ChatId;
  readonly contact: number;
  readonly queue: string;
  readonly skills: readonly SkillRequirement[];
  readonly priority: number;
  readonly ageingPerMinute: number;
  readonly atMs: number;
  /** How what it asks for changes while it waits. */
  readonly relaxation: readonly RelaxationStep[];
}

/** What a queue does with chats that it does not serve. */
export interface PlannedQueue {
  readonly rules: QueueRules;
  /** When new chats are taken; null: always. */
  readonly hours: BusinessHours | null;
}

/** What is known before the day starts: who works when, and who will write when. */
export interface DayPlan {
  readonly agents: readonly PlannedAgent[];
  readonly chats: readonly PlannedChat[];
  readonly queues: ReadonlyMap<string, PlannedQueue>;
}

/** The size of a day. Times are milliseconds from its start at 0. */
export interface DaySize {
  readonly agents: number;
  readonly chats: number;
  /** How many different people write; each may write several times. */
  readonly contacts: number;
}

const vipHours: BusinessHours = {
  timeZone: 'UTC',
  monday: [],
  tuesday: [],
  wednesday: [],
  thursday: ['00:30-11:00'],
  friday: [],
  saturday: [],
  sunday: [],
  holidays: [],
};

/** The queues, how often each is asked for, and what its chats need. */
const queues = [
  { name: 'support', weight: 30, priority: 0, ageingPerMinute: 0.2, skill: null },
  { name: 'sales', weight: 20, priority: 2, ageingPerMinute: 0.2, skill: null },
  { name: 'billing', weight: 18, priority: 1, ageingPerMinute: 0.2, skill: 'refunds' },
  { name: 'technical', weight: 18, priority: 1, ageingPerMinute: 0.5, skill: 'devices' },
  { name: 'claims', weight: 9, priority: 3, ageingPerMinute: 0.5, skill: 'claims' },
  { name: 'vip', weight: 5, priority: 8, ageingPerMinute: 1, skill: null },
] as const;

const noLimits: QueueRules = {
  maxWaiting: null,
  whenFull: 'Refuse',
  maxWaitMs: null,
  whenWaitedTooLong: 'End',
  whenUnstaffed: 'Wait',
  overflowQueue: null,
};

/** Chats that wait for support for ten minutes go to sales. VIPs are served until eleven; the day is a Thursday, 1970-01-01. */
const plannedQueues: ReadonlyMap<string, PlannedQueue> = new Map(
  queues.map(({ name }): [string, PlannedQueue] => {
    const overflows = { ...noLimits, maxWaitMs: 10 * minuteMs, overflowQueue: 'sales' } as const;
    const rules = name === 'support' ? { ...overflows, whenWaitedTooLong: 'Overflow' as const } : noLimits;
    const hours = name === 'vip' ? vipHours : null;
    return [name, { rules, hours }];
  }),
);

const languages = ['english', 'english', 'english', 'german', 'russian'] as const;

/** When the first chat may come: the first shift has signed in by then. */
const openingMs = 30 * minuteMs;

/** How many chats begin in each hour of the day, in proportion; 20,000 chats are 2,449 in the busiest. */
const hourWeights = [4, 7, 10, 12, 11, 9, 10, 11, 9, 7, 5, 3];

function weighted<Item>(random: Random, items: readonly Item[], weightOf: (item: Item) => number): Item {
  let left = random() * items.reduce((sum, item) => sum + weightOf(item), 0);
  for (const item of items) {
    left -= weightOf(item);
    if (left < 0) return item;
  }
  return pick(random, items);
}

/** Three shifts, with a break in every two hours or so. The last shift has no end: it stays until all is done. */
function turnsOf(random: Random, at: number): readonly Turn[] {
  const startMs = (at % 3) * 2 * hourMs + integerBetween(random, 0, 30) * minuteMs;
  const lastShift = at % 3 === 2;
  const endMs = lastShift ? 12 * hourMs : startMs + 8 * hourMs;
  const turns: Turn[] = [{ atMs: startMs, ready: true }];
  let breakMs = startMs + integerBetween(random, 60, 150) * minuteMs;
  while (breakMs < endMs - 45 * minuteMs) {
    const backMs = breakMs + pick(random, [5, 10, 15, 30]) * minuteMs;
    turns.push({ atMs: breakMs, ready: false }, { atMs: backMs, ready: true });
    breakMs = backMs + integerBetween(random, 75, 150) * minuteMs;
  }
  return lastShift ? turns : [...turns, { atMs: endMs, ready: false }];
}

/**
 * Skills and queues are spread by place in the list, some more by chance: each queue, skill and language is served in
 * each shift once there are some 90 agents.
 */
function plannedAgent(random: Random, at: number): PlannedAgent {
  const place = Math.floor(at / 3);
  const own = queues[place % queues.length] ?? queues[0];
  const others = [pick(random, queues), pick(random, queues)];
  const skills = new Map<string, number>([
    ['english', integerBetween(random, 3, 10)],
    [languages[place % languages.length] ?? 'english', 10],
  ]);
  for (const { skill } of [own, ...others]) if (skill) skills.set(skill, integerBetween(random, 4, 10));
  return {
    agentId: `agent-${String(at + 1).padStart(3, '0')}` as AgentId,
    skills,
    queues: at % 10 === 0 ? null : new Set([own, ...others].map((queue) => queue.name)),
    capacity: integerBetween(random, 2, 4),
    turns: turnsOf(random, at),
  };
}

function plannedChat(
  random: Random,
  at: number,
  contacts: number,
): Omit<PlannedChat, 'chatId'> & { at: number } {
  const queue = weighted(random, queues, (one) => one.weight);
  const hours = hourWeights.map((weight, hour) => ({ weight, hour }));
  const { hour } = weighted(random, hours, (one) => one.weight);
  const language = { skill: pick(random, languages), level: integerBetween(random, 1, 3) };
  const skills: SkillRequirement[] = [language];
  if (queue.skill) skills.push({ skill: queue.skill, level: integerBetween(random, 3, 8) });
  return {
    at,
    contact: integerBetween(random, 1, contacts),
    queue: queue.name,
    skills,
    relaxation: queue.skill
      ? [
          { afterMs: minuteMs, skills: [language, { skill: queue.skill, level: 1 }] },
          { afterMs: 3 * minuteMs, skills: [language] },
        ]
      : [],
    priority: queue.priority,
    ageingPerMinute: queue.ageingPerMinute,
    atMs: openingMs + hour * hourMs + integerBetween(random, 0, hourMs - 1),
  };
}

/** Plans a day of twelve hours from the opening. The same chance gives the same plan. */
export function planDay(random: Random, size: DaySize): DayPlan {
  const agents = Array.from({ length: size.agents }, (_, at) => plannedAgent(random, at));
  const chats = Array.from({ length: size.chats }, (_, at) => plannedChat(random, at, size.contacts))
    .sort((one, other) => one.atMs - other.atMs || one.at - other.at)
    .map(({ at: _, ...chat }, at) => ({
      ...chat,
      chatId: `chat-${String(at + 1).padStart(5, '0')}` as ChatId,
    }));
  return { agents, chats, queues: plannedQueues };
}
