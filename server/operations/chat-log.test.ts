import fc from 'fast-check';
import { expect, test } from 'vitest';
import { logFrom, type StoredEvent } from '../domain/chat-event.ts';
import { SampleChat } from '../journal/sample-chat.ts';
import { ChatLog } from './chat-log.ts';

/** A chat of so many messages, with its request and other events that are in no message log. */
function eventsOf(messages: number): readonly StoredEvent[] {
  const chat = new SampleChat('long');
  chat.request();
  for (let number = 1; number <= messages; number += 1) chat.say(`message ${number}, gr\u00fc\u00dfe \u2026`);
  return chat.events;
}

const events = eventsOf(2_000);

test('whatever is asked for is what a plain list has', () => {
  const length = fc.integer({ min: 0, max: events.length });
  const index = fc.integer({ min: 0, max: events.length + 2 });
  const most = fc.option(fc.integer({ min: 1, max: 700 }), { nil: undefined });
  fc.assert(
    fc.property(
      length,
      length,
      index,
      most,
      fc.integer({ min: 1, max: 900 }),
      (count, upTo, from, limit, step) => {
        const log = new ChatLog();
        const list = events.slice(0, count);
        for (let at = 0; at < count; at += step) log.push(list.slice(at, at + step));
        const seq = Math.min(upTo, count);
        expect(log.upTo(seq)).toEqual(list.slice(0, seq));
        expect(log.from(from, seq, limit)).toEqual(logFrom(list, from, seq).slice(0, limit));
        expect(log.lastAtMs).toBe(list.at(-1)?.atMs ?? 0);
      },
    ),
    { numRuns: 300 },
  );
});

test('events that are in no message log are found by their number only', () => {
  const hidden = events.slice(0, 600).map(({ index: _, ...event }) => event as StoredEvent);
  const log = new ChatLog(hidden);
  expect(log.from(1, 600)).toEqual([]);
  expect(log.upTo(600)).toEqual(hidden);
});

test('more is not there than was put in', () => {
  const log = new ChatLog(events.slice(0, 1_000));
  expect(log.upTo(5_000)).toEqual(events.slice(0, 1_000));
  expect(log.from(1, 5_000)).toEqual(logFrom(events.slice(0, 1_000), 1));
});
