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
