import { ManualClock } from '@parley/testkit/manual-clock.ts';
import { expect, test } from 'vitest';
import type { ChatId } from '../domain/ids.ts';
import { createRoutingLoop, type RoutingLoop, type RoutingRound } from './loop.ts';
import { agentId, sampleAgent, sampleChat } from './sample-snapshot.ts';
import type { ReadyAgent, RoutingAssignment, WaitingChat } from './snapshot.ts';

/** A contact centre as the loop sees it: lists that an offer changes, and turns of the event loop taken by hand. */
class Centre {
  readonly clock = new ManualClock(1_000_000);
  waiting: WaitingChat[] = [];
  agents: ReadyAgent[] = [];
  readonly offers: string[] = [];
  readonly rounds: RoutingRound[] = [];
  readonly errors: { error: unknown; chatId: ChatId | undefined }[] = [];
  /** Does what `apply` does before the offer is made; may throw. */
  beforeOffer: (assignment: RoutingAssignment) => void = () => {};
  /** Whether the offer turns out not to have been made only when `apply` has returned. */
  refused: (assignment: RoutingAssignment) => boolean = () => false;
  afterRound: () => number | null = () => null;
  snapshotFails = false;
  readonly loop: RoutingLoop;
  readonly #turns: (() => void)[] = [];

  constructor(onRound: (round: RoutingRound) => void = () => {}) {
    this.loop = createRoutingLoop({
      clock: this.clock,
      schedule: (turn) => void this.#turns.push(turn),
      snapshot: () => {
        if (this.snapshotFails) throw new Error('no snapshot');
        return { nowMs: this.clock.now(), waiting: [...this.waiting], agents: [...this.agents] };
      },
      apply: (assignment) => this.#offer(assignment),
      afterRound: () => this.afterRound(),
      onRound: (round) => {
        this.rounds.push(round);
        onRound(round);
      },
      onError: (error, assignment) => void this.errors.push({ error, chatId: assignment?.chatId }),
    });
  }

  #offer(assignment: RoutingAssignment): void | Promise<void> {
    this.beforeOffer(assignment);
    if (this.refused(assignment)) return Promise.reject(new Error('refused'));
    this.offers.push(`${assignment.chatId}→${assignment.agentId}`);
    this.waiting = this.waiting.filter((one) => one.chatId !== assignment.chatId);
    this.agents = this.agents.map((one) =>
      one.agentId === assignment.agentId ? { ...one, load: one.load + 1 } : one,
    );
    return undefined;
  }

  /** Takes the turns that were asked for, and those asked for meanwhile; more than 50 are taken for endless. */
  settle(): void {
    for (let taken = 0; this.#turns.length > 0; taken++) {
      if (taken === 50) throw new Error('the loop does not come to rest');
      this.#turns.shift()?.();
    }
  }

  /** Takes one turn and lets promises run, as the event loop does between turns. */
  async takeTurn(): Promise<void> {
    this.#turns.shift()?.();
    await new Promise((resolve) => void setImmediate(resolve));
  }

  get turnsAskedFor(): number {
    return this.#turns.length;
  }
}

const excludedFor = (centre: Centre, ms: number): WaitingChat =>
  sampleChat('c', { exclusions: [{ agentId: agentId('ann'), untilMs: centre.clock.now() + ms }] });

test('does nothing until it is woken, and then applies what the round decides, in order', () => {
  const centre = new Centre();
  centre.waiting = [sampleChat('a'), sampleChat('b', { priority: 1 })];
  centre.agents = [sampleAgent('ann', { capacity: 2 })];
  centre.settle();
  expect(centre.offers).toEqual([]);
  centre.loop.wake();
  centre.settle();
  expect(centre.offers).toEqual(['b→ann', 'a→ann']);
});

test('takes one round for any number of calls in a turn, and not within the call', () => {
  const centre = new Centre();
  for (let calls = 0; calls < 100; calls++) centre.loop.wake();
  expect(centre.rounds).toHaveLength(0);
  expect(centre.turnsAskedFor).toBe(1);
  centre.settle();
  expect(centre.rounds).toHaveLength(1);
  centre.loop.wake();
  centre.settle();
  expect(centre.rounds).toHaveLength(2);
});

test('looks again after a round that changed something, and comes to rest', () => {
  const centre = new Centre();
  centre.waiting = [sampleChat('a')];
  centre.agents = [sampleAgent('ann')];
  centre.beforeOffer = ({ chatId }) => {
    // The offer of the first chat brings a second one that the round's snapshot did not have.
    if (chatId === 'a') {
      centre.waiting.push(sampleChat('b'));
      centre.agents.push(sampleAgent('bob'));
    }
  };
  centre.loop.wake();
  centre.settle();
  expect(centre.offers).toEqual(['a→ann', 'b→bob']);
  expect(centre.rounds).toHaveLength(3);
  expect(centre.clock.pending()).toEqual([]);
});

test('comes to rest although an applied offer leaves the snapshot as it was', () => {
  const unchanged = { waiting: [sampleChat('a')], agents: [sampleAgent('ann')] };
  const centre: Centre = new Centre(() => void Object.assign(centre, unchanged));
  Object.assign(centre, unchanged);
  centre.loop.wake();
  centre.settle();
  expect(centre.offers).toEqual(['a→ann', 'a→ann']);
});

test('wakes by itself when an exclusion ends, once and not before', () => {
  const centre = new Centre();
  centre.waiting = [excludedFor(centre, 5_000)];
  centre.agents = [sampleAgent('ann')];
  centre.loop.wake();
  centre.settle();
  centre.clock.advance(4_999);
  centre.settle();
  expect(centre.rounds).toHaveLength(1);
  centre.clock.advance(1);
  centre.settle();
  expect(centre.offers).toEqual(['c→ann']);
  expect(centre.clock.pending()).toEqual([]);
});

test('keeps one timer however many rounds there are', () => {
  const centre = new Centre();
  centre.agents = [sampleAgent('ann')];
  for (const ms of [9_000, 3_000, 6_000]) {
    centre.waiting = [excludedFor(centre, ms)];
    centre.loop.wake();
    centre.settle();
    expect(centre.clock.pending()).toEqual([centre.clock.now() + ms]);
  }
});

test('an offer that fails stops neither the others nor the loop, and is tried again later', () => {
  const centre = new Centre();
  centre.waiting = [sampleChat('bad', { priority: 1 }), sampleChat('good')];
  centre.agents = [sampleAgent('ann'), sampleAgent('bob')];
  let broken = true;
  centre.beforeOffer = ({ chatId }) => {
    if (broken && chatId === 'bad') throw new Error('not now');
  };
  centre.loop.wake();
  centre.settle();
  expect(centre.offers).toEqual(['good→bob']);
  expect(centre.errors).toEqual([{ error: new Error('not now'), chatId: 'bad' }]);

  broken = false;
  centre.clock.advance(999);
  centre.settle();
  expect(centre.offers).toEqual(['good→bob']);
  centre.clock.advance(1);
  centre.settle();
  expect(centre.offers).toEqual(['good→bob', 'bad→ann']);
  expect(centre.clock.pending()).toEqual([]);
  // The round that made the offer knew nothing of the failure any more.
  expect(centre.rounds.at(-2)?.snapshot.waiting).toEqual([sampleChat('bad', { priority: 1 })]);
});

test('a chat that cannot be offered keeps no agent from the chats behind it', () => {
  const centre = new Centre();
  centre.waiting = [sampleChat('bad', { priority: 1 }), sampleChat('good')];
  centre.agents = [sampleAgent('ann')];
  centre.beforeOffer = ({ chatId }) => {
    if (chatId === 'bad') throw new Error('never');
  };
  centre.loop.wake();
  centre.settle();
  expect(centre.offers).toEqual(['good→ann']);
});

test('an agent who cannot be offered anything keeps no chat from the other agents', () => {
  const centre = new Centre();
  centre.waiting = [sampleChat('a'), sampleChat('b')];
  centre.agents = [sampleAgent('ann', { capacity: 9 }), sampleAgent('bob', { capacity: 9 })];
  centre.beforeOffer = (assignment) => {
    if (assignment.agentId === 'ann') throw new Error('never');
  };
  centre.loop.wake();
  centre.settle();
  expect(centre.offers.toSorted()).toEqual(['a→bob', 'b→bob']);
  expect(centre.errors).toHaveLength(1);
});

test('a snapshot that cannot be had is reported and tried again later', () => {
  const centre = new Centre();
  centre.waiting = [sampleChat('a')];
  centre.agents = [sampleAgent('ann')];
  centre.snapshotFails = true;
  centre.loop.wake();
  centre.settle();
  expect(centre.errors).toEqual([{ error: new Error('no snapshot'), chatId: undefined }]);
  centre.snapshotFails = false;
  centre.clock.advance(1_000);
  centre.settle();
  expect(centre.offers).toEqual(['a→ann']);
});

test('a listener that throws is reported and changes nothing', () => {
  const centre = new Centre(() => {
    throw new Error('no room for the record');
  });
  centre.waiting = [sampleChat('a')];
  centre.agents = [sampleAgent('ann')];
  centre.loop.wake();
  centre.settle();
  expect(centre.offers).toEqual(['a→ann']);
  expect(centre.errors[0]).toEqual({ error: new Error('no room for the record'), chatId: undefined });
  expect(centre.clock.pending()).toEqual([]);
});

test('a round tells what it saw and what it decided', () => {
  const centre = new Centre();
  centre.waiting = [sampleChat('a')];
  centre.agents = [sampleAgent('ann')];
  centre.loop.wake();
  centre.settle();
  expect(centre.rounds[0]).toMatchObject({
    snapshot: { waiting: [{ chatId: 'a' }], agents: [{ agentId: 'ann' }] },
    decision: { assignments: [{ chatId: 'a', agentId: 'ann' }] },
  });
});

test('does nothing any more once it is stopped', () => {
  const centre = new Centre();
  centre.waiting = [excludedFor(centre, 5_000)];
  centre.agents = [sampleAgent('ann')];
  centre.loop.wake();
  centre.settle();
  centre.loop.wake();
  centre.loop.stop();
  centre.loop.wake();
  centre.settle();
  centre.clock.advance(60_000);
  centre.settle();
  expect(centre.rounds).toHaveLength(1);
  expect(centre.clock.pending()).toEqual([]);
});

test('stopped by an offer, it sets no timer', () => {
  const centre = new Centre();
  centre.waiting = [sampleChat('a')];
  centre.agents = [sampleAgent('ann')];
  centre.beforeOffer = () => {
    centre.loop.stop();
    throw new Error('stopping');
  };
  centre.loop.wake();
  centre.settle();
  expect(centre.clock.pending()).toEqual([]);
  expect(centre.turnsAskedFor).toBe(0);
});

test('an offer that is refused later is told, and the chat goes to the next agent at once', async () => {
  const centre = new Centre();
  centre.waiting = [sampleChat('one')];
  centre.agents = [sampleAgent('ann', { readySinceMs: 1 }), sampleAgent('bob', { readySinceMs: 2 })];
  centre.refused = (assignment) => assignment.agentId === 'ann';
  centre.loop.wake();
  await centre.takeTurn();
  expect(centre.errors).toMatchObject([{ chatId: 'one' }]);
  centre.settle();
  expect(centre.offers).toEqual(['one→bob']);
});

test('after each round those who wait too long are looked at, and again when they asked for it', () => {
  const centre = new Centre();
  const seen: number[] = [];
  centre.afterRound = () => {
    seen.push(centre.clock.now());
    return seen.length < 3 ? centre.clock.now() + 500 : null;
  };
  centre.loop.wake();
  centre.settle();
  for (let turn = 0; turn < 4; turn++) {
    centre.clock.advance(500);
    centre.settle();
  }
  expect(seen).toEqual([1_000_000, 1_000_500, 1_001_000]);
});

test('what fails after a round is told and tried again, and the offers of the round stand', () => {
  const centre = new Centre();
  centre.waiting = [sampleChat('one')];
  centre.agents = [sampleAgent('ann')];
  let fails = true;
  centre.afterRound = () => {
    if (fails) throw new Error('no');
    return null;
  };
  centre.loop.wake();
  centre.settle();
  expect(centre.offers).toEqual(['one→ann']);
  expect(centre.errors.length).toBeGreaterThan(0);
  const before = centre.rounds.length;
  fails = false;
  centre.clock.advance(1_000);
  centre.settle();
  expect(centre.rounds.length).toBe(before + 1);
});
