import { describe, expect, it } from 'vitest';
import { notReady, ready, type AgentState } from '@parley/server/domain/agent.ts';
import type { AgentId } from '@parley/server/domain/ids.ts';
import { SampleChat } from '@parley/server/journal/sample-chat.ts';
import type { RecoveredText } from '@parley/server/journal/sqlite/messages.ts';
import { chatsWith, unservedChats, type WhoIsThere } from './unserved-chats.ts';

const [ann, bob] = ['ann', 'bob'] as AgentId[] as [AgentId, AgentId];
const nowMs = 1_700_000_060_000;

function agent(agentId: AgentId, operationName = ready, sinceMs = 0): AgentState {
  const channel = { channel: 'chat', operationName, sinceMs, doNotDisturb: false };
  return { agentId, sessionStartedAtMs: 0, channels: [channel] };
}

function contentsOf(chats: readonly SampleChat[], agents: readonly AgentState[]): RecoveredText {
  return {
    ...{ segments: [], closed: [], loginSessions: [], provisioned: [], outbox: [], requestKeys: [] },
    lastAudit: null,
    journal: chats.map(({ events }) => JSON.stringify(events)),
    agents: agents.map((state) => ({ agentId: state.agentId, state })),
  };
}

function chatIn(state: 'waiting' | 'offered' | 'served', at: { agentId?: AgentId; startMs?: number } = {}) {
  const chat = new SampleChat(`chat ${state}`, { startMs: at.startMs ?? 1_700_000_000_000 });
  chat.request();
  if (state !== 'waiting') chat.offer(at.agentId ?? ann);
  if (state === 'served') chat.accept(at.agentId ?? ann);
  return chat;
}

function problems(
  chats: readonly SampleChat[],
  agents: readonly AgentState[],
  who: Partial<WhoIsThere> = {},
) {
  const there = { nowMs, chatCapacity: 1, gone: new Set<AgentId>(), ...who };
  return unservedChats(contentsOf(chats, agents), there);
}

describe('a chat that goes on', () => {
  it('may be with an agent who is there, or offered to one', () => {
    expect(problems([chatIn('served')], [agent(ann)])).toEqual([]);
    expect(problems([chatIn('offered')], [agent(ann)])).toEqual([]);
  });

  it.each(['served', 'offered'] as const)('must not stay %s with an agent who has gone', (state) => {
    const found = problems([chatIn(state)], [agent(ann), agent(bob)], { gone: new Set([ann]) });
    expect(found).toEqual([expect.stringContaining('with ann, who has gone')]);
  });

  it('may wait while nobody is there, ready and free', () => {
    const gone = new Set([ann]);
    expect(problems([chatIn('waiting')], [agent(ann)], { gone })).toEqual([]);
    expect(problems([chatIn('waiting')], [agent(ann, notReady)])).toEqual([]);
    expect(problems([chatIn('waiting'), chatIn('served')], [agent(ann)])).toEqual([]);
  });

  it('must not wait beside an agent who is ready and has room', () => {
    const found = [expect.stringContaining('bob is ready and has room')];
    expect(problems([chatIn('waiting')], [agent(bob)])).toEqual(found);
    expect(problems([chatIn('waiting'), chatIn('served')], [agent(ann), agent(bob)])).toEqual(found);
  });

  it('may wait for the moment in which it came, or the agent did', () => {
    expect(problems([chatIn('waiting', { startMs: nowMs - 500 })], [agent(bob)])).toEqual([]);
    expect(problems([chatIn('waiting')], [agent(bob, ready, nowMs - 500)])).toEqual([]);
  });

  it('is no concern any more when it has ended', () => {
    const chat = chatIn('served');
    chat.leave();
    expect(problems([chat], [agent(ann)], { gone: new Set([ann]) })).toEqual([]);
  });
});

it('counts the chats that agents are in', () => {
  const contents = contentsOf([chatIn('waiting'), chatIn('offered'), chatIn('served')], []);
  expect(chatsWith(contents, new Set([ann]))).toBe(1);
  expect(chatsWith(contents, new Set([bob]))).toBe(0);
});
