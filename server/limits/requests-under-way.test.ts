import { ManualClock } from '@parley/testkit/manual-clock.ts';
import { expect, test } from 'vitest';
import { answerAfterMs, RequestsUnderWay, type RequestUnderWay } from './requests-under-way.ts';

function setUp() {
  const clock = new ManualClock();
  const underWay = new RequestsUnderWay(clock);
  const answered: string[] = [];
  const begin = (name: string): RequestUnderWay => {
    const request = {
      answerEarly: ({ refused }: { refused: string }) => void answered.push(`${name} ${refused}`),
    };
    underWay.begun(request);
    return request;
  };
  return { clock, underWay, answered, begin };
}

test('while the disk is full, a request is answered once it was under way for a while, and once only', () => {
  const { clock, underWay, answered, begin } = setUp();
  const first = begin('first');
  underWay.setFull(true);
  clock.advance(answerAfterMs / 2);
  const second = begin('second');
  clock.advance(answerAfterMs / 2);
  expect(answered).toEqual(['first Unconfirmed']);
  underWay.ended(first);
  clock.advance(answerAfterMs);
  expect(answered).toEqual(['first Unconfirmed', 'second Unconfirmed']);
  underWay.ended(second);
  clock.advance(10 * answerAfterMs);
  expect(answered).toHaveLength(2);
});

test('those that have come to their end, in whatever order, are not answered again; those left are', () => {
  const { clock, underWay, answered, begin } = setUp();
  const [a, , c, , e] = ['a', 'b', 'c', 'd', 'e'].map(begin) as [
    RequestUnderWay,
    RequestUnderWay,
    RequestUnderWay,
    RequestUnderWay,
    RequestUnderWay,
  ];
  underWay.ended(c);
  underWay.ended(e);
  underWay.ended(a);
  underWay.ended(a);
  underWay.setFull(true);
  clock.advance(answerAfterMs);
  expect(answered.toSorted()).toEqual(['b Unconfirmed', 'd Unconfirmed']);
});

test('all can be answered at once, each of them once', () => {
  const { clock, underWay, answered, begin } = setUp();
  for (const name of ['a', 'b', 'c']) begin(name);
  underWay.setFull(true);
  underWay.answerAll();
  expect(answered.toSorted()).toEqual(['a Unconfirmed', 'b Unconfirmed', 'c Unconfirmed']);
  underWay.answerAll();
  clock.advance(10 * answerAfterMs);
  expect(answered).toHaveLength(3);
});

test('with room on the disk again nobody is answered early', () => {
  const { clock, underWay, answered, begin } = setUp();
  begin('one');
  underWay.setFull(true);
  clock.advance(answerAfterMs / 2);
  underWay.setFull(false);
  clock.advance(10 * answerAfterMs);
  expect(answered).toEqual([]);
});
