import { beforeEach, expect, it } from 'vitest';
import { AnswerCheck } from './answer-check.ts';
import type { Answered, Asked } from './simulated-connection.ts';

const send: Asked = {
  method: 'POST',
  url: '/genesys/2/chat/support/c1/send',
  headers: {},
  body: 'message=x',
};
const read: Asked = { ...send, url: '/genesys/2/chat/support/c1/refresh', body: 'transcriptPosition=1' };
const held: Asked = { ...send, url: '/api/v2/notifications' };

function answered(status: number, body: string, retryAfter: string | null = '1'): Answered {
  return { status, body, headers: new Headers(retryAfter === null ? {} : { 'retry-after': retryAfter }) };
}

const unavailable = answered(200, '{"statusCode":1,"errors":[{"code":240}]}');
const unconfirmed = answered(504, '{"statusCode":4}');

let nowMs: number;
let problems: string[];
let check: AnswerCheck;

beforeEach(() => {
  nowMs = 10_000;
  problems = [];
  check = new AnswerCheck({ now: () => nowMs, report: (problem) => void problems.push(problem) });
  check.takesAllFromMs = nowMs + 1;
});

it('takes changes that are refused, and counts them', () => {
  check.begun(send)(unavailable);
  check.begun(send)(answered(503, ''));
  check.begun(send)(unconfirmed);
  expect(check.counts).toEqual({ unavailable: 2, unconfirmed: 1 });
  expect(problems).toEqual([]);
});

it.each([
  ['and only reads', read, unavailable],
  ['and only reads', { ...send, method: 'GET' }, answered(503, '')],
  ['without Retry-After', send, answered(503, '', null)],
  ['without Retry-After', send, answered(504, '', null)],
])('finds what was refused %s', (problem, asked, answer) => {
  check.begun(asked)(answer);
  expect(problems).toEqual([expect.stringContaining(problem)]);
});

it('finds what is refused while there is room', () => {
  check.begun(send)(unavailable);
  nowMs += 1;
  check.begun(send)(unavailable);
  expect(problems).toEqual([expect.stringContaining('by a disk that has room')]);
});

it('finds once who waits for room for more than 4 s', () => {
  check.begun(send);
  const fullSinceMs = (nowMs += 1_000);
  nowMs += 4_000;
  check.stillFull(fullSinceMs);
  expect(problems).toEqual([]);
  nowMs += 1;
  check.stillFull(fullSinceMs);
  check.stillFull(fullSinceMs);
  expect(problems).toEqual([expect.stringContaining('waits for room and is not answered')]);
});

it('waits for nobody who was answered or has gone, nor for news', () => {
  check.begun(send)(unconfirmed);
  check.begun(send)();
  check.begun(held);
  nowMs += 60_000;
  check.stillFull(10_000);
  expect(problems).toEqual([]);
});
