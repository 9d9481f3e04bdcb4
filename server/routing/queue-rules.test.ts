import { expect, test } from 'vitest';
import { admit, departuresOf, type PatientChat, type QueueRules, type QueueSight } from './queue-rules.ts';
import { chatId } from './sample-snapshot.ts';

const patient: QueueRules = {
  maxWaiting: null,
  whenFull: 'Refuse',
  maxWaitMs: null,
  whenWaitedTooLong: 'End',
  whenUnstaffed: 'Wait',
  overflowQueue: null,
};

function sight(
  queues: Record<string, Partial<QueueRules> & { waiting?: number; staffed?: boolean }>,
): QueueSight {
  return {
    rulesOf: (queue) => (queues[queue] ? { ...patient, ...queues[queue] } : undefined),
    waitingIn: (queue) => queues[queue]?.waiting ?? 0,
    isStaffed: (queue) => queues[queue]?.staffed ?? false,
  };
}

const enter = (queue: string) => ({ kind: 'Enter', queue });

test('a queue without limits takes everybody, whoever is there', () => {
  expect(admit('a', sight({ a: { waiting: 1_000 } }))).toEqual(enter('a'));
});

test('a queue takes as many as its limit and refuses the next', () => {
  expect(admit('a', sight({ a: { maxWaiting: 2, waiting: 1 } }))).toEqual(enter('a'));
  const refused = { kind: 'Refuse', queue: 'a', because: 'full' };
  expect(admit('a', sight({ a: { maxWaiting: 2, waiting: 2 } }))).toEqual(refused);
  expect(admit('a', sight({ a: { maxWaiting: 0 } }))).toEqual(refused);
});

test('a full queue sends on, and the next goes by its own rules', () => {
  const a = { maxWaiting: 0, whenFull: 'Overflow', overflowQueue: 'b' } as const;
  expect(admit('a', sight({ a, b: {} }))).toEqual(enter('b'));
  expect(admit('a', sight({ a, b: { maxWaiting: 0 } }))).toMatchObject({ kind: 'Refuse', queue: 'b' });
  expect(admit('a', sight({ a, b: { ...a, overflowQueue: 'a' } }))).toMatchObject({ kind: 'Refuse' });
});

test('an overflow queue that was removed is none', () => {
  const a = {
    maxWaiting: 0,
    whenFull: 'Overflow',
    whenUnstaffed: 'Overflow',
    overflowQueue: 'gone',
  } as const;
  expect(admit('a', sight({ a }))).toMatchObject({ kind: 'Refuse', queue: 'a' });
  expect(admit('a', sight({ a: { ...a, maxWaiting: null } }))).toEqual(enter('a'));
});

test('without anybody there: wait, be refused, or go where somebody is', () => {
  expect(admit('a', sight({ a: { whenUnstaffed: 'Refuse' } }))).toMatchObject({ because: 'unstaffed' });
  expect(admit('a', sight({ a: { whenUnstaffed: 'Refuse', staffed: true } }))).toEqual(enter('a'));
  const a = { whenUnstaffed: 'Overflow', overflowQueue: 'b' } as const;
  expect(admit('a', sight({ a, b: {} }))).toEqual(enter('a'));
  expect(admit('a', sight({ a, b: { staffed: true } }))).toEqual(enter('b'));
  expect(admit('a', sight({ a: { ...a, staffed: true }, b: { staffed: true } }))).toEqual(enter('a'));
});

const chat = (name: string, changes: Partial<PatientChat> = {}): PatientChat => ({
  chatId: chatId(name),
  queue: 'a',
  waitingSinceMs: 1_000,
  isStaffed: () => true,
  ...changes,
});

test('a wait that is over ends the chat, and the time of the next is told', () => {
  const rules = sight({ a: { maxWaitMs: 500 } });
  const chats = [chat('one'), chat('two', { waitingSinceMs: 1_100 })];
  expect(departuresOf(1_499, chats, rules)).toEqual({ departures: [], nextAtMs: 1_500 });
  expect(departuresOf(1_500, chats, rules)).toEqual({
    departures: [{ kind: 'End', chatId: 'one' }],
    nextAtMs: 1_600,
  });
});

test('or sends it on; without a queue to go to it stays, and nobody is woken for it', () => {
  const a = { maxWaitMs: 500, whenWaitedTooLong: 'Overflow', overflowQueue: 'b' } as const;
  expect(departuresOf(1_500, [chat('one')], sight({ a, b: {} })).departures).toEqual([
    { kind: 'Overflow', chatId: 'one', queue: 'b', because: 'waited' },
  ]);
  expect(departuresOf(1_500, [chat('one')], sight({ a }))).toEqual({ departures: [], nextAtMs: null });
});

test('a chat for whom nobody is there goes to where somebody is', () => {
  const a = { whenUnstaffed: 'Overflow', overflowQueue: 'b' } as const;
  const alone = [chat('one', { isStaffed: () => false }), chat('two')];
  expect(departuresOf(1_500, alone, sight({ a, b: {} })).departures).toEqual([]);
  expect(departuresOf(1_500, alone, sight({ a, b: { staffed: true } })).departures).toEqual([
    { kind: 'Overflow', chatId: 'one', queue: 'b', because: 'unstaffed' },
  ]);
});
