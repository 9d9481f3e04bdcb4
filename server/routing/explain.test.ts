import { expect, test } from 'vitest';
import { explain } from './explain.ts';
import { agentId, chatId, sampleAgent, sampleChat, sampleNowMs, sampleSnapshot } from './sample-snapshot.ts';

const later = sampleNowMs + 5_000;

test('gives each agent the rule that decided about them', () => {
  const chat = sampleChat('c', {
    skills: [{ skill: 'english', level: 5 }],
    exclusions: [{ agentId: agentId('refused'), untilMs: later }],
  });
  const skills = new Map([['english', 7]]);
  const agents = [
    sampleAgent('elsewhere', { skills, queues: new Set(['sales']), readySinceMs: 1 }),
    sampleAgent('unskilled', { readySinceMs: 2 }),
    sampleAgent('beginner', { skills: new Map([['english', 4]]), readySinceMs: 3 }),
    sampleAgent('refused', { skills, readySinceMs: 4 }),
    sampleAgent('busy', { skills, capacity: 2, load: 2, readySinceMs: 5 }),
    sampleAgent('first', { skills, readySinceMs: 6 }),
    sampleAgent('second', { skills, readySinceMs: 7 }),
    sampleAgent('third', { skills, readySinceMs: 8 }),
  ];
  expect(explain(sampleSnapshot([chat], agents), chat.chatId)).toMatchObject({
    chatId: 'c',
    queue: 'support',
    positionInQueue: 1,
    waitedMs: 60_000,
    effectivePriority: 0,
    assignment: { chatId: 'c', agentId: 'first' },
    nextChangeAtMs: null,
    agents: [
      { agentId: 'first', verdict: { rule: 'would-get', by: 'longest-ready' } },
      { agentId: 'second', verdict: { rule: 'behind-in-order', place: 2 } },
      { agentId: 'third', verdict: { rule: 'behind-in-order', place: 3 } },
      { agentId: 'elsewhere', verdict: { rule: 'not-serving-queue', queue: 'support' } },
      { agentId: 'unskilled', verdict: { rule: 'missing-skill', skill: 'english', neededLevel: 5 } },
      { agentId: 'beginner', verdict: { rule: 'level-too-low', skill: 'english', neededLevel: 5, level: 4 } },
      { agentId: 'refused', verdict: { rule: 'excluded-until', untilMs: later } },
      { agentId: 'busy', verdict: { rule: 'at-capacity', load: 2, capacity: 2, offersAhead: 0 } },
    ],
  });
});

test('counts the chats of the same queue that are served before', () => {
  const chats = [
    sampleChat('mine', { priority: 1 }),
    sampleChat('ahead', { priority: 2 }),
    sampleChat('behind', { priority: 0 }),
    sampleChat('other', { priority: 3, queue: 'sales' }),
  ];
  expect(explain(sampleSnapshot(chats, []), chatId('mine'))).toMatchObject({
    positionInQueue: 2,
    assignment: null,
  });
});

test('tells an agent taken by a chat ahead from one who was busy before', () => {
  const chats = [sampleChat('ahead', { priority: 2 }), sampleChat('mine')];
  expect(explain(sampleSnapshot(chats, [sampleAgent('ann')]), chatId('mine'))).toMatchObject({
    assignment: null,
    agents: [{ agentId: 'ann', verdict: { rule: 'at-capacity', load: 0, capacity: 1, offersAhead: 1 } }],
  });
});

test('puts the last agent before those ready longer', () => {
  const chat = sampleChat('c', { lastAgentId: agentId('bob') });
  const agents = [sampleAgent('ann', { readySinceMs: 1 }), sampleAgent('bob', { readySinceMs: 2 })];
  expect(explain(sampleSnapshot([chat], agents), chat.chatId)?.agents).toEqual([
    { agentId: 'bob', verdict: { rule: 'would-get', by: 'last-agent' } },
    { agentId: 'ann', verdict: { rule: 'behind-in-order', place: 2 } },
  ]);
});

test('puts those with fewer offers of the round before those ready longer', () => {
  const chats = [sampleChat('ahead', { priority: 2 }), sampleChat('mine')];
  const agents = ['first', 'second', 'third'].map((name, at) =>
    sampleAgent(name, { capacity: 2, readySinceMs: at }),
  );
  expect(explain(sampleSnapshot(chats, agents), chatId('mine'))?.agents).toEqual([
    { agentId: 'second', verdict: { rule: 'would-get', by: 'longest-ready' } },
    { agentId: 'third', verdict: { rule: 'behind-in-order', place: 2 } },
    { agentId: 'first', verdict: { rule: 'behind-in-order', place: 3 } },
  ]);
});

test('says when the exclusion of an agent with room ends', () => {
  const exclusions = [
    { agentId: agentId('full'), untilMs: later },
    { agentId: agentId('free'), untilMs: later + 1 },
  ];
  const agents = [sampleAgent('full', { load: 1 }), sampleAgent('free')];
  expect(explain(sampleSnapshot([sampleChat('c', { exclusions })], agents), chatId('c'))).toMatchObject({
    assignment: null,
    nextChangeAtMs: later + 1,
  });
});

test('knows nothing of a chat that does not wait', () => {
  expect(explain(sampleSnapshot([sampleChat('c')], []), chatId('gone'))).toBeNull();
});
