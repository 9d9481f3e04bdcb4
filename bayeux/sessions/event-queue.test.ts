import fc from 'fast-check';
import { expect, it } from 'vitest';
import { prepareEvent } from '../protocol/event.ts';
import { EventQueue } from './event-queue.ts';

it('never exceeds its bounds, keeps order, and counts what it holds', () => {
  const overflow = fc.constantFrom('disconnect', 'dropOldest', 'dropNewest' as const);
  const offer = fc.record({
    length: fc.integer({ min: 0, max: 40 }),
    lazy: fc.boolean(),
    acknowledge: fc.boolean(),
  });
  fc.assert(
    fc.property(overflow, fc.array(offer, { maxLength: 40 }), (kind, offers) => {
      const bounds = { maxEvents: 5, maxBytes: 200, overflow: kind };
      const queue = new EventQueue();
      offers.forEach(({ length, lazy, acknowledge }, at) => {
        queue.offer(prepareEvent('/a', [at, 'x'.repeat(length)], { lazy }), at + 1, bounds);
        if (acknowledge) queue.acknowledge(at - 2);
        expect(queue.length).toBeLessThanOrEqual(bounds.maxEvents);
        expect(queue.bytes).toBe(queue.events.reduce((sum, event) => sum + event.byteLength, 0));
        expect(queue.bytes).toBeLessThanOrEqual(bounds.maxBytes);
        expect(queue.isUrgent).toBe(queue.events.some((event) => !event.lazy));
      });
      const order = queue.events.map((event) => (JSON.parse(event.json) as { data: [number] }).data[0]);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    }),
  );
});

it('takes events back in front, past its bounds', () => {
  const queue = new EventQueue();
  const [one, two, three] = [1, 2, 3].map((n) => prepareEvent('/a', n)) as [never, never, never];
  queue.offer(three, 0, { maxEvents: 1, maxBytes: 100, overflow: 'disconnect' });
  queue.putBack([one, two]);
  expect(queue.events).toEqual([one, two, three]);
});

it('does not take what could never fit', () => {
  const bounds = { maxEvents: 5, maxBytes: 30, overflow: 'dropOldest' } as const;
  const queue = new EventQueue();
  queue.offer(prepareEvent('/a', 1), 0, bounds);
  expect(queue.offer(prepareEvent('/a', 'x'.repeat(50)), 0, bounds)).toEqual({
    kind: 'overflow',
    evicted: 0,
  });
  expect(queue.length).toBe(1);
});

/** A queue for three events or 90 bytes; each event here has 25 bytes or a little more. */
const bounds = { maxEvents: 3, maxBytes: 90 } as const;
const event = (data: unknown, lazy = false) => prepareEvent('/a', data, { lazy });

function filled(...events: readonly ReturnType<typeof event>[]): EventQueue {
  const queue = new EventQueue();
  events.forEach((one, at) => queue.offer(one, at + 1, { ...bounds, overflow: 'disconnect' }));
  return queue;
}

const dataOf = (queue: EventQueue) =>
  queue.events.map(({ json }) => (JSON.parse(json) as { data: unknown }).data);

it('takes what fills it to the last event and the last byte', () => {
  const one = event(1);
  const exact = { maxEvents: 3, maxBytes: 3 * one.byteLength, overflow: 'disconnect' } as const;
  const queue = new EventQueue();
  for (const data of [1, 2, 3])
    expect(queue.offer(event(data), 0, exact)).toEqual({ kind: 'queued', evicted: 0 });
  expect([queue.length, queue.bytes]).toEqual([exact.maxEvents, exact.maxBytes]);
  expect(queue.offer(event(4), 0, exact).kind).toBe('overflow');
});

it.each([
  ['disconnect', { kind: 'overflow', evicted: 0 }, [1, 2, 3]],
  ['dropOldest', { kind: 'queued', evicted: 1 }, [2, 3, 4]],
  ['dropNewest', { kind: 'dropped', evicted: 0 }, [1, 2, 3]],
] as const)('when it is full of events that matter: %s', (overflow, offered, left) => {
  const queue = filled(event(1), event(2), event(3));
  expect(queue.offer(event(4), 4, { ...bounds, overflow })).toEqual(offered);
  expect(dataOf(queue)).toEqual(left);
});

it('lets lazy events go first, all of them, whatever it does else', () => {
  for (const overflow of ['disconnect', 'dropOldest', 'dropNewest'] as const) {
    const queue = filled(event(1), event(2, true), event(3, true));
    expect(queue.offer(event(4), 4, { ...bounds, overflow })).toEqual({ kind: 'queued', evicted: 2 });
    expect(dataOf(queue)).toEqual([1, 4]);
    // What is left keeps its batch.
    queue.acknowledge(3);
    expect(dataOf(queue)).toEqual([4]);
  }
});

it('never lets an event that matters go for a lazy one', () => {
  const queue = filled(event(1), event(2), event(3));
  expect(queue.offer(event(4, true), 4, { ...bounds, overflow: 'dropOldest' })).toEqual({
    ...{ kind: 'dropped', evicted: 0 },
  });
  expect(dataOf(queue)).toEqual([1, 2, 3]);
});

it('lets as many of the oldest go as a large one needs', () => {
  const queue = filled(event(1), event(2), event(3));
  const large = event('x'.repeat(30));
  expect(queue.offer(large, 4, { ...bounds, overflow: 'dropOldest' })).toEqual({
    kind: 'queued',
    evicted: 2,
  });
  expect(dataOf(queue)).toEqual([3, 'x'.repeat(30)]);
});

it('lets everything go for one that fills it alone', () => {
  const queue = filled(event(1), event(2));
  const whole = event('x'.repeat(90 - event('').byteLength));
  expect([whole.byteLength, queue.offer(whole, 3, { ...bounds, overflow: 'dropOldest' })]).toEqual([
    ...[bounds.maxBytes, { kind: 'queued', evicted: 2 }],
  ]);
  expect(queue.events).toEqual([whole]);
  // Where there is no room for any, nothing more can go.
  expect(new EventQueue().offer(event(1), 0, { maxEvents: 0, maxBytes: 90, overflow: 'dropOldest' })).toEqual(
    { kind: 'queued', evicted: 0 },
  );
});

it('forgets what is acknowledged and nothing behind it', () => {
  const queue = filled(event(1), event(2), event(3));
  queue.acknowledge(0);
  expect(queue.length).toBe(3);
  // A connect may name a batch that one before it has named.
  for (const batch of [2, 2]) {
    queue.acknowledge(batch);
    expect([dataOf(queue), queue.isUrgent]).toEqual([[3], true]);
  }
  queue.acknowledge(9);
  expect([dataOf(queue), queue.isUrgent, queue.bytes]).toEqual([[], false, 0]);
});

it('knows what was handed to a connection before', () => {
  const queue = filled(event(1), event(2, true), event(3, true));
  expect([queue.markSent(), queue.markSent()]).toEqual([0, 3]);
  // The lazy ones make room: of what is left the first was handed over.
  for (const data of [4, 5]) queue.offer(event(data), data, { ...bounds, overflow: 'disconnect' });
  expect([dataOf(queue), queue.markSent()]).toEqual([[1, 4, 5], 1]);
  queue.acknowledge(4);
  expect(queue.markSent()).toBe(1);
  queue.putBack([event(0)]);
  expect([dataOf(queue), queue.markSent()]).toEqual([[0, 5], 2]);
  queue.acknowledge(9);
  expect(queue.markSent()).toBe(0);
});

it('knows what was not handed to a connection yet when something before it gave way', () => {
  const queue = filled(event(1, true));
  queue.markSent();
  for (const data of [2, 3, 4]) queue.offer(event(data), data, { ...bounds, overflow: 'disconnect' });
  expect([dataOf(queue), queue.markSent()]).toEqual([[2, 3, 4], 0]);
});

it('wakes for a lazy event only once that has waited long enough', () => {
  const queue = filled(event(1, true), event(2, true));
  expect(queue.isUrgent).toBe(false);
  queue.makeUrgent();
  expect(queue.isUrgent).toBe(true);
  queue.putBack([event(0, true)]);
  expect(queue.isUrgent).toBe(false);
});
