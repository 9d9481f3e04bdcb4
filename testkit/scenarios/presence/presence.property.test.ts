import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { isRefusal } from '@parley/contract/refusals.ts';
import { readConfig } from '@parley/server/config/load.ts';
import { ContactCenter } from '@parley/server/contact-center.ts';
import { assignmentOf, seated } from '@parley/server/domain/chat.ts';
import type { AgentId, ChatId } from '@parley/server/domain/ids.ts';
import { openSqliteJournal } from '@parley/server/journal/sqlite/open.ts';
import { operateChat } from '@parley/server/operations/agent-chat.ts';
import { setAgentState, startContactCenterSession } from '@parley/server/operations/agent-session.ts';
import { requestChat } from '@parley/server/operations/request-chat.ts';
import { ManualClock } from '../../manual-clock.ts';
import { noFiles } from '../../model/no-files.ts';

const lostAfterMs = 5_000;
const graceMs = 60_000;

/** Three agents who accept what they are offered, come and go; customers who come; time that passes. */
const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('open', 'open', 'close', 'close', 'pass', 'pass', 'request', 'accept', 'accept'),
    agent: fc.nat(2),
    ms: fc.constantFrom(1_000, lostAfterMs, 20_000, graceMs, lostAfterMs + graceMs),
  }),
  { minLength: 10, maxLength: 60 },
);

/** What the model knows of an agent: their connections, and when they last had one. */
interface Seen {
  pushSessions: number;
  atMs: number;
}

interface World {
  readonly center: ContactCenter;
  readonly clock: ManualClock;
  readonly agents: readonly AgentId[];
  readonly seen: Map<AgentId, Seen>;
  readonly chats: Set<ChatId>;
}

async function work({ center, seen, clock }: World, agentId: AgentId): Promise<void> {
  const { operations } = center;
  const one = seen.get(agentId) ?? { pushSessions: 0, atMs: 0 };
  seen.set(agentId, { pushSessions: one.pushSessions + 1, atMs: clock.now() });
  operations.presence.pushOpened(agentId);
  await startContactCenterSession(operations, agentId, ['chat']);
  await setAgentState(operations, agentId, { operationName: 'Ready' });
}

async function play(world: World, step: { kind: string; agent: number; ms: number }): Promise<void> {
  const { center, clock, agents, seen, chats } = world;
  const { operations } = center;
  const agentId = agents[step.agent] as AgentId;
  const one = seen.get(agentId);
  switch (step.kind) {
    case 'open':
      return work(world, agentId);
    case 'close':
      if (!one || one.pushSessions === 0) return undefined;
      seen.set(agentId, { pushSessions: one.pushSessions - 1, atMs: clock.now() });
      return operations.presence.pushEnded(agentId);
    case 'pass':
      return clock.advance(step.ms);
    case 'request': {
      const customer = { nickname: 'PersonP' };
      const requested = await requestChat(operations, {
        service: 'customer-support',
        customer,
        userData: {},
      });
      if (!isRefusal(requested)) chats.add(requested.commit.after.id);
      return undefined;
    }
    default:
      for (const chatId of operations.chats.idsOf(agentId))
        await operateChat(operations, { operationName: 'Accept', nickname: 'A' }, { agentId, chatId });
  }
}

/** Nobody who is lost has an offer, nobody who is gone a chat, and no chat has two agents or none to hope for. */
function check({ center, clock, agents, seen, chats }: World): void {
  const { operations } = center;
  for (const agentId of agents) {
    const { pushSessions, atMs } = seen.get(agentId) ?? { pushSessions: 0, atMs: 0 };
    const awayMs = pushSessions > 0 ? 0 : clock.now() - atMs;
    const held = operations.chats.idsOf(agentId);
    if (awayMs >= lostAfterMs + graceMs) expect(held).toEqual([]);
    const states = held
      .map((id) => operations.chats.head(id))
      .map((chat) => chat && assignmentOf(chat, agentId)?.state);
    if (awayMs >= lostAfterMs) expect(states).not.toContain('Invited');
  }
  for (const id of chats) {
    const chat = operations.chats.head(id);
    if (!chat) throw new Error(`chat ${id} has gone`);
    const busy = chat.assignments.filter(({ state }) => state === 'Invited' || state === 'Chatting');
    expect(seated(chat).length).toBeLessThanOrEqual(1);
    expect(busy).toHaveLength(chat.waiting ? 0 : 1);
  }
}

it('no chat stays with an agent who is gone, no offer with one who is lost, and no chat is dropped', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-presence-'));
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const clock = new ManualClock();
      const failures: unknown[] = [];
      const config = readConfig(
        {
          presence: { lostAfterMs, graceMs },
          // The customers here ask for nothing after their first request.
          customers: { goneAfterMs: 1_728_000_000 },
          queues: [{ name: 'support', offerTimeoutMs: 10_000_000 }],
        },
        { machine: { timeZone: 'UTC' }, overrides: {} },
      );
      const journal = await openSqliteJournal({
        path: join(folder, `${(runs += 1)}.db`),
        onFatal: (error) => failures.push(error),
      });
      const center = new ContactCenter({
        files: noFiles,
        config,
        clock,
        journal,
        random: randomBytes,
        onChat: () => {},
        onAgent: () => {},
        onFailure: () => {},
        onError: (error) => failures.push(error),
      });
      const agents = config.agents.slice(0, 3).map(({ id }) => id);
      const world: World = { center, clock, agents, seen: new Map(), chats: new Set() };
      try {
        for (const agentId of agents) await work(world, agentId);
        for (const step of list) {
          await play(world, step);
          // The router looks in the next turn of the event loop.
          for (let turns = 0; turns < 3; turns += 1) await setImmediate();
          check(world);
        }
        expect(failures).toEqual([]);
      } finally {
        center.stop();
        await journal.close();
      }
    }),
    { numRuns: 25, interruptAfterTimeLimit: 45_000 },
  );
  await rm(folder, { recursive: true });
}, 120_000);
