import fc from 'fast-check';
import { expect, it } from 'vitest';
import { matchesChannel } from '../protocol/channel.ts';
import { prepareEvent } from '../protocol/event.ts';
import { noSubscriptions, type Subscriber, SubscriptionIndex } from './subscription-index.ts';

class Reader implements Subscriber {
  subscriptions: readonly string[] = noSubscriptions;
  fanOut = 0;
  copies = 0;
}

const names = ['/a', '/a/b', '/a/b/c', '/b', '/*', '/**', '/a/*', '/a/**', '/a/b/*', '/a/b/**'];
const channels = ['/a', '/b', '/c', '/a/b', '/a/b/c', '/a/b/c/d'];

it('gives one copy to whoever a subscription matches, and none to others, whatever came and went', () => {
  const step = fc.record({
    reader: fc.integer({ min: 0, max: 3 }),
    name: fc.constantFrom(...names),
    kind: fc.constantFrom('add', 'remove', 'removeAll'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.constantFrom(...channels), (steps, channel) => {
      const index = new SubscriptionIndex<Reader>();
      const readers = [0, 1, 2, 3].map(() => new Reader());
      for (const { reader, name, kind } of steps) {
        const each = readers[reader] as Reader;
        if (kind === 'add') index.add(each, name);
        else if (kind === 'remove') index.remove(each, name);
        else index.removeAll(each);
      }
      index.fanOut(prepareEvent(channel, 1), (reader) => void reader.copies++);
      for (const reader of readers) {
        const isMatched = reader.subscriptions.some((name) => matchesChannel(name, channel));
        expect(reader.copies).toBe(isMatched ? 1 : 0);
        index.removeAll(reader);
      }
      expect([index.size, index.hasWildcards]).toEqual([0, false]);
    }),
  );
});
