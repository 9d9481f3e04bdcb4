import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { excludedUntilMs, mismatchOf } from './eligibility.ts';
import { explain } from './explain.ts';
import { compareWaiting } from './order.ts';
import { requirementAfter, type RelaxationStep } from './relaxation.ts';
import { referenceRoute } from './reference-route.ts';
import { route } from './route.ts';
import { anySnapshot, largeSnapshot } from './snapshot-arbitrary.ts';
import type { ReadyAgent, RoutingDecision, RoutingSnapshot, WaitingChat } from './snapshot.ts';

const suits = (agent: ReadyAgent, chat: WaitingChat): boolean => mismatchOf(agent, chat) === null;
const isExcluded = (agent: ReadyAgent, chat: WaitingChat, nowMs: number): boolean =>
  excludedUntilMs(chat, agent.agentId, nowMs) !== null;

const runs = { numRuns: 1_000 };

function holds(rule: (snapshot: RoutingSnapshot, decision: RoutingDecision) => void): void {
  fc.assert(
    fc.property(anySnapshot, (snapshot) => void rule(snapshot, route(snapshot))),
    runs,
  );
}

function offersOf(decision: RoutingDecision): Map<string, number> {
  const offers = new Map<string, number>();
  for (const { agentId } of decision.assignments) offers.set(agentId, (offers.get(agentId) ?? 0) + 1);
  return offers;
}

function find<Item>(items: readonly Item[], matches: (item: Item) => boolean): Item {
  const found = items.find(matches);
  if (found === undefined) throw new Error('the decision names something that is not in the snapshot');
  return found;
}

const chatOf = ({ waiting }: RoutingSnapshot, id: string): WaitingChat =>
  find(waiting, (one) => one.chatId === id);
const agentOf = ({ agents }: RoutingSnapshot, id: string): ReadyAgent =>
  find(agents, (one) => one.agentId === id);

test('decides exactly what the naive reference decides', () => {
  holds((snapshot, decision) => expect(decision).toEqual(referenceRoute(snapshot)));
});

test('decides the same as the reference with agents and chats by the hundred', () => {
  fc.assert(
    fc.property(largeSnapshot, (snapshot) => {
      const decision = route(snapshot);
      expect(decision).toEqual(referenceRoute(snapshot));
      expect(decision.assignments.length).toBeGreaterThan(50);
    }),
    { numRuns: 25 },
  );
});

test('no agent gets more than their capacity', () => {
  holds((snapshot, decision) => {
    for (const [agentId, offers] of offersOf(decision)) {
      const agent = agentOf(snapshot, agentId);
      expect(agent.load + offers).toBeLessThanOrEqual(agent.capacity);
    }
  });
});

test('no chat is offered twice', () => {
  holds((_, { assignments }) => {
    expect(new Set(assignments.map((one) => one.chatId)).size).toBe(assignments.length);
  });
});

test('a chat goes only to an agent who suits it and is not excluded', () => {
  holds((snapshot, { assignments }) => {
    for (const { chatId, agentId } of assignments) {
      const [chat, agent] = [chatOf(snapshot, chatId), agentOf(snapshot, agentId)];
      expect(suits(agent, chat)).toBe(true);
      expect(isExcluded(agent, chat, snapshot.nowMs)).toBe(false);
    }
  });
});

test('no chat waits while an agent who could take it has room', () => {
  holds((snapshot, decision) => {
    const offers = offersOf(decision);
    const offered = new Set(decision.assignments.map((one) => one.chatId));
    const free = snapshot.agents.filter((one) => one.load + (offers.get(one.agentId) ?? 0) < one.capacity);
    for (const chat of snapshot.waiting.filter((one) => !offered.has(one.chatId)))
      for (const agent of free)
        expect(suits(agent, chat) && !isExcluded(agent, chat, snapshot.nowMs)).toBe(false);
  });
});

test('the last agent gets the chat unless chats served before it have filled them', () => {
  holds((snapshot, { assignments }) => {
    assignments.forEach(({ chatId, agentId, reason }, at) => {
      const chat = chatOf(snapshot, chatId);
      const last = snapshot.agents.find((one) => one.agentId === chat.lastAgentId);
      const earlier = assignments.slice(0, at).filter((one) => one.agentId === last?.agentId).length;
      const eligible =
        last !== undefined &&
        suits(last, chat) &&
        !isExcluded(last, chat, snapshot.nowMs) &&
        last.load + earlier < last.capacity;
      expect(reason.rule).toBe(eligible ? 'last-agent' : 'longest-ready');
      if (eligible) expect(agentId).toBe(last.agentId);
    });
  });
});

test('a chat is left waiting only when each agent who suits it went to chats before it', () => {
  holds((snapshot, { assignments }) => {
    const offered = new Set(assignments.map((one) => one.chatId));
    for (const chat of snapshot.waiting.filter((one) => !offered.has(one.chatId)))
      for (const { chatId, agentId } of assignments) {
        const agent = agentOf(snapshot, agentId);
        if (!suits(agent, chat) || isExcluded(agent, chat, snapshot.nowMs)) continue;
        expect(compareWaiting(chatOf(snapshot, chatId), chat, snapshot.nowMs)).toBeLessThan(0);
      }
  });
});

test('the order of the lists, of skills and of exclusions means nothing', () => {
  const shuffled = anySnapshot.chain((snapshot) =>
    fc.tuple(
      fc.constant(snapshot),
      fc.shuffledSubarray([...snapshot.waiting], { minLength: snapshot.waiting.length }),
      fc.shuffledSubarray([...snapshot.agents], { minLength: snapshot.agents.length }),
    ),
  );
  fc.assert(
    fc.property(shuffled, ([snapshot, chats, agents]) => {
      const waiting = chats.map((chat) => ({
        ...chat,
        skills: chat.skills.toReversed(),
        exclusions: chat.exclusions.toReversed(),
      }));
      expect(route({ ...snapshot, waiting, agents })).toEqual(route(snapshot));
    }),
    runs,
  );
});

test('the same snapshot gives the same decision and is not changed by it', () => {
  fc.assert(
    fc.property(anySnapshot, (snapshot) => {
      const before = structuredClone(snapshot);
      expect(route(snapshot)).toEqual(route(snapshot));
      expect(snapshot).toEqual(before);
    }),
    { numRuns: 300 },
  );
});

test('nothing more can be offered before the next change, and at it something can', () => {
  holds((snapshot, decision) => {
    const offers = offersOf(decision);
    const offered = new Set(decision.assignments.map((one) => one.chatId));
    const applied = {
      waiting: snapshot.waiting.filter((one) => !offered.has(one.chatId)),
      agents: snapshot.agents.map((one) => ({ ...one, load: one.load + (offers.get(one.agentId) ?? 0) })),
    };
    const { nextChangeAtMs } = decision;
    const quietUntilMs = nextChangeAtMs === null ? snapshot.nowMs + 1_000_000 : nextChangeAtMs - 1;
    expect(route({ ...applied, nowMs: quietUntilMs }).assignments).toEqual([]);
    // What a relaxation makes possible is in the next snapshot, not in this one.
    const relaxes = applied.waiting.some((one) => one.nextRelaxationAtMs === nextChangeAtMs);
    if (nextChangeAtMs !== null && !relaxes)
      expect(route({ ...applied, nowMs: nextChangeAtMs }).assignments).not.toEqual([]);
  });
});

test('the explanation of each chat agrees with the decision', () => {
  holds((snapshot, { assignments, nextChangeAtMs }) => {
    let earliestMs = Infinity;
    for (const { chatId } of snapshot.waiting) {
      const explanation = explain(snapshot, chatId);
      const assignment = assignments.find((one) => one.chatId === chatId) ?? null;
      expect(explanation?.assignment).toEqual(assignment);
      const verdicts = explanation?.agents ?? [];
      expect(verdicts.map((one) => one.agentId).toSorted()).toEqual(
        snapshot.agents.map((one) => one.agentId).toSorted(),
      );
      const chosen = verdicts.filter((one) => one.verdict.rule === 'would-get').map((one) => one.agentId);
      expect(chosen).toEqual(assignment ? [assignment.agentId] : []);
      const behind = verdicts.filter((one) => one.verdict.rule === 'behind-in-order').length;
      expect(chosen.length + behind).toBe(assignment?.reason.eligibleAgents ?? 0);
      earliestMs = Math.min(earliestMs, explanation?.nextChangeAtMs ?? Infinity);
    }
    expect(earliestMs === Infinity ? null : earliestMs).toBe(nextChangeAtMs);
  });
});

test('whoever is next behind the agent who gets a chat gets it when that agent is away', () => {
  holds((snapshot) => {
    const first = snapshot.waiting.toSorted((one, other) => compareWaiting(one, other, snapshot.nowMs))[0];
    const explanation = first && explain(snapshot, first.chatId);
    if (!explanation?.assignment) return;
    const [chosen, next] = explanation.agents;
    const agents = snapshot.agents.filter((one) => one.agentId !== chosen?.agentId);
    const got = route({ ...snapshot, agents }).assignments.find((one) => one.chatId === explanation.chatId);
    expect(got?.agentId).toBe(next?.verdict.rule === 'behind-in-order' ? next.agentId : undefined);
  });
});

/** A snapshot whose chats were made to relax: what each asks for first, its steps, and since when it waits. */
const relaxing = anySnapshot.chain((snapshot) =>
  fc.tuple(
    fc.constant(snapshot),
    fc.array(
      fc.record({
        afterMs: fc.integer({ min: 0, max: 90_000 }),
        skills: fc.constantFrom([], [{ skill: 'english', level: 1 }], [{ skill: 'refunds', level: 3 }]),
      }),
      { maxLength: 3 },
    ),
  ),
);

/** The snapshot at a moment, as the router's caller makes it. */
function seenAt(snapshot: RoutingSnapshot, steps: readonly RelaxationStep[], nowMs: number): RoutingSnapshot {
  const waiting = snapshot.waiting.map((chat): WaitingChat => {
    const { nextRelaxationAtMs: _, ...rest } = chat;
    const { skills, nextAfterMs } = requirementAfter(nowMs - chat.waitingSinceMs, chat.skills, steps);
    const relaxes = nextAfterMs === null ? {} : { nextRelaxationAtMs: chat.waitingSinceMs + nextAfterMs };
    return { ...rest, ...relaxes, skills };
  });
  return { ...snapshot, nowMs, waiting };
}

test('between rounds at the times they ask for, nothing could have been offered earlier', () => {
  fc.assert(
    fc.property(relaxing, ([snapshot, unordered]) => {
      const steps = unordered.toSorted((one, other) => one.afterMs - other.afterMs);
      let left = snapshot;
      let nowMs: number = snapshot.nowMs;
      for (let round = 0; round < 200; round++) {
        const { assignments, nextChangeAtMs } = route(seenAt(left, steps, nowMs));
        const offered = new Map(assignments.map((one) => [one.chatId, one.agentId]));
        left = {
          ...left,
          waiting: left.waiting.filter((one) => !offered.has(one.chatId)),
          agents: left.agents.map((one) => {
            const got = [...offered.values()].filter((agentId) => agentId === one.agentId).length;
            return { ...one, load: one.load + got };
          }),
        };
        const untilMs = nextChangeAtMs ?? nowMs + 1_000_000;
        expect(untilMs).toBeGreaterThan(nowMs);
        expect(route(seenAt(left, steps, untilMs - 1)).assignments).toEqual([]);
        if (nextChangeAtMs === null) return;
        nowMs = nextChangeAtMs;
      }
      throw new Error('the rounds do not come to an end');
    }),
    { numRuns: 500 },
  );
});
