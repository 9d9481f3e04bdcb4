import { describe, expect, test } from 'vitest';
import { route } from './route.ts';
import { agentId, sampleAgent, sampleChat, sampleNowMs, sampleSnapshot } from './sample-snapshot.ts';
import type { ReadyAgent, WaitingChat } from './snapshot.ts';

/** Who gets what, as `chat→agent`, in the order of the assignments. */
function offers(waiting: readonly WaitingChat[], agents: readonly ReadyAgent[]): string[] {
  const { assignments } = route(sampleSnapshot(waiting, agents));
  return assignments.map((one) => `${one.chatId}→${one.agentId}`);
}

const minutesAgo = (minutes: number): number => sampleNowMs - minutes * 60_000;

describe('which chat is served first', () => {
  test('the higher priority', () => {
    const chats = [sampleChat('low', { priority: 1 }), sampleChat('high', { priority: 2 })];
    expect(offers(chats, [sampleAgent('ann')])).toEqual(['high→ann']);
  });

  test('a lower priority that has aged past it', () => {
    const aged = sampleChat('aged', { priority: 1, ageingPerMinute: 0.5, waitingSinceMs: minutesAgo(3) });
    const fresh = sampleChat('fresh', { priority: 2, waitingSinceMs: minutesAgo(3) });
    expect(offers([fresh, aged], [sampleAgent('ann')])).toEqual(['aged→ann']);
  });

  test('of equal priority, the longer wait', () => {
    const chats = [
      sampleChat('a', { waitingSinceMs: minutesAgo(1) }),
      sampleChat('b', { waitingSinceMs: minutesAgo(2) }),
    ];
    expect(offers(chats, [sampleAgent('ann')])).toEqual(['b→ann']);
  });

  test('of equal priority and wait, the smaller id', () => {
    expect(offers([sampleChat('b'), sampleChat('a')], [sampleAgent('ann')])).toEqual(['a→ann']);
  });

  test('a chat nobody can take does not hold up the one behind it', () => {
    const stuck = sampleChat('stuck', { priority: 9, skills: [{ skill: 'finnish', level: 1 }] });
    expect(offers([stuck, sampleChat('easy')], [sampleAgent('ann')])).toEqual(['easy→ann']);
  });
});

describe('who can take a chat', () => {
  test('whoever serves its queue', () => {
    const agents = [
      sampleAgent('ann', { queues: new Set(['sales']) }),
      sampleAgent('bob', { queues: new Set(['support']) }),
    ];
    expect(offers([sampleChat('c')], agents)).toEqual(['c→bob']);
  });

  test('whoever has each skill at its level or above', () => {
    const skills = [
      { skill: 'english', level: 5 },
      { skill: 'refunds', level: 0 },
    ];
    const agents = [
      sampleAgent('no-refunds', { skills: new Map([['english', 9]]) }),
      sampleAgent('too-low', { skills: new Map([['english', 4], ['refunds', 9]]) }), // prettier-ignore
      sampleAgent('enough', { skills: new Map([['english', 5], ['refunds', 0]]) }), // prettier-ignore
    ];
    expect(offers([sampleChat('c', { skills }), sampleChat('d', { skills })], agents)).toEqual(['c→enough']);
  });

  test('nobody beyond their capacity, offers of the same round included', () => {
    const agents = [
      sampleAgent('ann', { capacity: 3, load: 1 }),
      sampleAgent('bob', { capacity: 1, load: 1 }),
    ];
    expect(
      offers(
        ['a', 'b', 'c'].map((name) => sampleChat(name)),
        agents,
      ),
    ).toEqual(['a→ann', 'b→ann']);
  });

  test('nobody with more chats than their capacity', () => {
    expect(offers([sampleChat('c')], [sampleAgent('ann', { capacity: 1, load: 4 })])).toEqual([]);
  });

  test('nobody while they are excluded, anybody from the millisecond the exclusion ends', () => {
    const excludedUntil = (untilMs: number): WaitingChat =>
      sampleChat('c', { exclusions: [{ agentId: agentId('ann'), untilMs }] });
    expect(offers([excludedUntil(sampleNowMs + 1)], [sampleAgent('ann')])).toEqual([]);
    expect(offers([excludedUntil(sampleNowMs)], [sampleAgent('ann')])).toEqual(['c→ann']);
  });
});

describe('who of them is offered it', () => {
  const early = sampleAgent('early', { readySinceMs: minutesAgo(9), capacity: 2 });
  const late = sampleAgent('late', { readySinceMs: minutesAgo(1), capacity: 2 });

  test('the longest ready', () => {
    expect(offers([sampleChat('c')], [late, early])).toEqual(['c→early']);
  });

  test('of equally long ready, the smaller id', () => {
    expect(offers([sampleChat('c')], [sampleAgent('bob'), sampleAgent('ann')])).toEqual(['c→ann']);
  });

  test('whoever has had fewer offers in this round before anybody gets a second', () => {
    const chats = ['a', 'b', 'c', 'd'].map((name) => sampleChat(name));
    expect(offers(chats, [late, early])).toEqual(['a→early', 'b→late', 'c→early', 'd→late']);
  });

  test("the contact's last agent before all others", () => {
    const decision = route(sampleSnapshot([sampleChat('c', { lastAgentId: late.agentId })], [early, late]));
    expect(decision.assignments).toEqual([
      {
        chatId: 'c',
        agentId: 'late',
        reason: { rule: 'last-agent', waitedMs: 60_000, effectivePriority: 0, eligibleAgents: 2 },
      },
    ]);
  });

  test('the longest ready when the last agent is not there, is full or is excluded', () => {
    const chat = sampleChat('c', { lastAgentId: agentId('late') });
    const excluded = { ...chat, exclusions: [{ agentId: late.agentId, untilMs: sampleNowMs + 1 }] };
    expect(offers([chat], [early])).toEqual(['c→early']);
    expect(offers([chat], [early, { ...late, load: 2 }])).toEqual(['c→early']);
    expect(offers([excluded], [early, late])).toEqual(['c→early']);
  });

  test('an offer to the last agent counts when the others are spread', () => {
    const chats = [
      sampleChat('a', { priority: 1, lastAgentId: early.agentId }),
      sampleChat('b'),
      sampleChat('c'),
    ];
    expect(offers(chats, [early, late])).toEqual(['a→early', 'b→late', 'c→early']);
  });
});

describe('the reason', () => {
  test('says how long the chat waited, its priority then and how many could have taken it', () => {
    const chat = sampleChat('c', {
      priority: 2,
      ageingPerMinute: 0.5,
      waitingSinceMs: minutesAgo(4),
      exclusions: [{ agentId: agentId('ann'), untilMs: sampleNowMs + 5_000 }],
    });
    const agents = [
      sampleAgent('ann'),
      sampleAgent('bob'),
      sampleAgent('cid'),
      sampleAgent('dan', { load: 1 }),
    ];
    expect(route(sampleSnapshot([chat], agents)).assignments[0]?.reason).toEqual({
      rule: 'longest-ready',
      waitedMs: 240_000,
      effectivePriority: 4,
      eligibleAgents: 2,
    });
  });

  test('does not go below zero when the clock was set back', () => {
    const chat = sampleChat('c', { ageingPerMinute: 1, waitingSinceMs: sampleNowMs + 60_000 });
    const [assignment] = route(sampleSnapshot([chat], [sampleAgent('ann')])).assignments;
    expect(assignment?.reason).toMatchObject({ waitedMs: 0, effectivePriority: 0 });
  });
});

describe('the next change', () => {
  const excluding = (name: string, afterMs: number): WaitingChat =>
    sampleChat('c', { exclusions: [{ agentId: agentId(name), untilMs: sampleNowMs + afterMs }] });

  test('is the earliest end of an exclusion between a waiting chat and an agent with room', () => {
    const chats = [
      { ...excluding('ann', 9_000), chatId: 'd' as WaitingChat['chatId'] },
      excluding('ann', 4_000),
    ];
    expect(route(sampleSnapshot(chats, [sampleAgent('ann')])).nextChangeAtMs).toBe(sampleNowMs + 4_000);
  });

  test.each([
    ['the agent is full', [sampleAgent('ann', { load: 1 })]],
    ['the agent is not there', [sampleAgent('bob', { queues: new Set(['sales']) })]],
    ['the agent does not serve the queue', [sampleAgent('ann', { queues: new Set(['sales']) })]],
    ['the chat was offered to somebody else', [sampleAgent('ann'), sampleAgent('bob')]],
  ])('is none when %s', (_, agents) => {
    expect(route(sampleSnapshot([excluding('ann', 4_000)], agents)).nextChangeAtMs).toBeNull();
  });

  test('is none when the round before it filled the agent', () => {
    const chats = [excluding('ann', 4_000), sampleChat('d')];
    expect(route(sampleSnapshot(chats, [sampleAgent('ann')]))).toMatchObject({
      assignments: [{ chatId: 'd', agentId: 'ann' }],
      nextChangeAtMs: null,
    });
  });
});
