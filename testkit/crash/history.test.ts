import { expect, test } from 'vitest';
import { History, type LogEntry, type Outcome } from './history.ts';

const chat = 'c1';

function entry(index: number, text: string, more: Partial<LogEntry> = {}): LogEntry {
  return { index, type: 'Text', nickname: 'Ann', text, atMs: index * 10, ...more };
}

/** A history in which Ann said these, one after the other, each ending as told. */
function said(texts: Readonly<Record<string, Outcome>>): History {
  const history = new History();
  let nowMs = 0;
  for (const [text, outcome] of Object.entries(texts)) {
    const attempt = history.attempt(chat, { type: 'Text', nickname: 'Ann', text }, (nowMs += 1));
    attempt.end(outcome, (nowMs += 1));
  }
  return history;
}

/** Checks a log that was asked for when everything had been said, or at the time that is given. */
function check(history: History, log: readonly LogEntry[], askedAtMs = 1_000): string[] {
  return history.check(history.ask(chat, askedAtMs), log);
}

test('a log that agrees has no problems', () => {
  const history = said({ one: 'acknowledged', two: 'cut', three: 'acknowledged', four: 'refused' });
  const log = [entry(1, 'one'), entry(2, 'two'), entry(3, 'three')];
  expect(history.saw(chat, log.slice(0, 1))).toEqual([]);
  expect(check(history, log)).toEqual([]);
});

test('what was cut off may be missing', () => {
  expect(check(said({ one: 'acknowledged', two: 'cut' }), [entry(1, 'one')])).toEqual([]);
});

test('what was acknowledged after the log was asked for may be missing', () => {
  expect(check(said({ one: 'acknowledged', two: 'acknowledged' }), [entry(1, 'one')], 4)).toEqual([]);
});

test.each<[string, Readonly<Record<string, Outcome>>, LogEntry[], RegExp]>([
  ['an acknowledged message that is lost', { one: 'acknowledged' }, [], /lost/],
  ['a message that is there twice', { one: 'acknowledged' }, [entry(1, 'one'), entry(2, 'one')], /too often/],
  ['a refused message that is there', { one: 'refused' }, [entry(1, 'one')], /too often/],
  ['a cut message that is there twice', { one: 'cut' }, [entry(1, 'one'), entry(2, 'one')], /too often/],
  ['a message nobody sent', {}, [entry(1, 'one')], /nobody sent/],
  [
    'an acknowledged message behind a later one',
    { one: 'acknowledged', two: 'acknowledged' },
    [entry(1, 'two'), entry(2, 'one')],
    /out of order/,
  ],
  ['a gap in the indexes', { one: 'acknowledged' }, [entry(2, 'one')], /indexes are 2/],
  [
    'an index that is there twice',
    { one: 'acknowledged', two: 'acknowledged' },
    [entry(1, 'one'), entry(1, 'two')],
    /indexes are 1,1/,
  ],
])('finds %s', (_, texts, log, problem) => {
  expect(check(said(texts), log)).toContainEqual(expect.stringMatching(problem));
});

test('finds an index that is used again for another message', () => {
  const history = said({ one: 'cut', two: 'acknowledged' });
  history.saw(chat, [entry(1, 'one')]);
  expect(check(history, [entry(1, 'two')])).toContainEqual(expect.stringMatching(/index 1 was/));
});

test('finds an entry whose time has changed', () => {
  const history = said({ one: 'acknowledged' });
  history.saw(chat, [entry(1, 'one')]);
  expect(history.saw(chat, [entry(1, 'one', { atMs: 11 })])).toHaveLength(1);
});

test('finds what was shown to somebody and then is gone', () => {
  const history = said({ one: 'cut' });
  history.saw(chat, [entry(1, 'one')]);
  expect(check(history, [])).toContainEqual(expect.stringMatching(/shown/));
});
