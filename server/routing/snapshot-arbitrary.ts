import * as fc from 'fast-check';
import type { AgentId, ChatId } from '../domain/ids.ts';
import { integerBetween, pick, seededRandom, type Random } from './seeded-random.ts';
import type { ReadyAgent, RoutingSnapshot, WaitingChat } from './snapshot.ts';

const queues = ['sales', 'support', 'billing'];
const skillNames = ['english', 'russian', 'refunds'];
const nowMs = 1_000_000;

/** Few values each, so that ties, conflicts and exact ends are common. */
const agentNames = Array.from({ length: 12 }, (_, at) => `agent-${at}` as AgentId);

const agentBody = fc.record({
  skills: fc.dictionary(fc.constantFrom(...skillNames), fc.integer({ min: 0, max: 3 })),
  queues: fc.option(fc.subarray(queues)),
  capacity: fc.integer({ min: 0, max: 3 }),
  load: fc.integer({ min: 0, max: 3 }),
  readySinceMs: fc.constantFrom(0, 1, 2, nowMs - 1, nowMs),
});

const exclusion = fc.record({
  agentId: fc.constantFrom(...agentNames),
  untilMs: fc.constantFrom(0, nowMs - 1, nowMs, nowMs + 1, nowMs + 5_000),
});

const chatBody = fc.record({
  queue: fc.constantFrom(...queues),
  skills: fc.array(
    fc.record({ skill: fc.constantFrom(...skillNames), level: fc.integer({ min: 0, max: 3 }) }),
    { maxLength: 2 },
  ),
  priority: fc.integer({ min: 0, max: 2 }),
  ageingPerMinute: fc.constantFrom(0, 0, 0.5, 3),
  waitingSinceMs: fc.constantFrom(nowMs - 120_000, nowMs - 60_000, nowMs - 60_000, nowMs, nowMs + 10),
  lastAgentId: fc.option(fc.constantFrom(...agentNames)),
  exclusions: fc.array(exclusion, { maxLength: 3 }),
  relaxesAtMs: fc.constantFrom(null, null, null, nowMs + 1, nowMs + 2_000, nowMs + 9_000),
});

const agents: fc.Arbitrary<readonly ReadyAgent[]> = fc
  .tuple(fc.shuffledSubarray(agentNames), fc.array(agentBody, { minLength: 12, maxLength: 12 }))
  .map(([names, bodies]) =>
    names.flatMap((agentId, at) => {
      const body = bodies[at];
      if (!body) return [];
      const skills = new Map(Object.entries(body.skills));
      return [{ ...body, agentId, skills, queues: body.queues && new Set(body.queues) }];
    }),
  );

const waiting: fc.Arbitrary<readonly WaitingChat[]> = fc.array(chatBody, { maxLength: 30 }).map((bodies) =>
  bodies.map(({ relaxesAtMs, ...body }, at) => ({
    ...body,
    chatId: `chat-${at}` as ChatId,
    ...(relaxesAtMs === null ? {} : { nextRelaxationAtMs: relaxesAtMs }),
  })),
);

/** Snapshots of up to 12 agents and 30 chats with everything in them that the rules look at. */
export const anySnapshot: fc.Arbitrary<RoutingSnapshot> = fc.record({
  nowMs: fc.constant(nowMs),
  waiting,
  agents,
});

function largeAgent(random: Random, at: number): ReadyAgent {
  const skills = skillNames
    .filter(() => random() < 0.7)
    .map((skill) => [skill, integerBetween(random, 0, 3)] as const);
  return {
    agentId: `agent-${at}` as AgentId,
    skills: new Map(skills),
    queues: random() < 0.2 ? null : new Set([pick(random, queues), pick(random, queues)]),
    capacity: integerBetween(random, 0, 3),
    load: integerBetween(random, 0, 2),
    readySinceMs: nowMs - integerBetween(random, 0, 40),
  };
}

function largeChat(random: Random, at: number): WaitingChat {
  const someAgent = (): AgentId => `agent-${integerBetween(random, 0, 149)}` as AgentId;
  const skills = skillNames.filter(() => random() < 0.3);
  return {
    chatId: `chat-${at}` as ChatId,
    queue: pick(random, queues),
    skills: skills.map((skill) => ({ skill, level: integerBetween(random, 0, 3) })),
    priority: integerBetween(random, 0, 4),
    ageingPerMinute: pick(random, [0, 0.5, 3]),
    waitingSinceMs: nowMs - integerBetween(random, 0, 500) * 1_000,
    lastAgentId: random() < 0.2 ? someAgent() : null,
    ...(random() < 0.1 ? { nextRelaxationAtMs: nowMs + integerBetween(random, 1, 9) } : {}),
    exclusions:
      random() < 0.2 ? [{ agentId: someAgent(), untilMs: nowMs + integerBetween(random, 0, 9) }] : [],
  };
}

/** Snapshots of 150 agents and 400 chats, made from a seed. Not shrunk: the smaller ones above are for that. */
export const largeSnapshot: fc.Arbitrary<RoutingSnapshot> = fc.integer().map((seed) => {
  const random = seededRandom(seed);
  return {
    nowMs,
    waiting: Array.from({ length: 400 }, (_, at) => largeChat(random, at)),
    agents: Array.from({ length: 150 }, (_, at) => largeAgent(random, at)),
  };
});
