import { describe, expect, it } from 'vitest';
import { ParleyError } from './parley-error.ts';
import { newIdempotencyKey, retryAfterMs, retrying, type CallOptions, type RetryOptions } from './retry.ts';

type Outcome = Error | 'hangs' | 'done';

const refused = (httpStatus: number, statusCode = 4, askedMs = 0): ParleyError =>
  new ParleyError('refused', { httpStatus, statusCode, retryAfterMs: askedMs });
const lost = new TypeError('fetch failed');

/** Runs a request whose attempts end like this, on a clock that jumps to the next timer; what it was paused for, and how often tried. */
async function run(outcomes: readonly Outcome[], retry: RetryOptions = {}, call: CallOptions = {}) {
  let nowMs = 0;
  let attempts = 0;
  const timers = new Set<{ atMs: number; run: () => void }>();
  const scheduler = {
    after(delayMs: number, task: () => void) {
      const timer = { atMs: nowMs + delayMs, run: task };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
  };
  const tries: number[] = [];
  const attempt = (signal: AbortSignal): Promise<string> => {
    tries.push(nowMs);
    const outcome = outcomes[attempts++] ?? 'done';
    if (outcome === 'done') return Promise.resolve('done');
    if (outcome !== 'hangs') return Promise.reject(outcome);
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  };
  let isOver = false;
  const asked = retrying(attempt, { ...retry, scheduler, random: () => 1 }, call).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  void asked.then(() => (isOver = true));
  for (let turn = 0; turn < 500 && !isOver; turn += 1) {
    for (let micro = 0; micro < 20; micro += 1) await Promise.resolve();
    if (isOver) break;
    const [next] = [...timers].sort((a, b) => a.atMs - b.atMs);
    if (!next) continue;
    timers.delete(next);
    nowMs = next.atMs;
    next.run();
  }
  return { ...(await asked), tries, timersLeft: timers.size };
}

describe('a request', () => {
  it('that was lost is tried again after pauses whose bound doubles up to the longest', async () => {
    const outcomes = Array.from({ length: 6 }, () => lost);
    expect(await run(outcomes, { firstPauseMs: 100, longestPauseMs: 500 })).toMatchObject({
      value: 'done',
      tries: [0, 100, 300, 700, 1200, 1700, 2200],
      timersLeft: 0,
    });
  });

  it.each([
    ['HTTP 503', refused(503)],
    ['HTTP 429', refused(429, 20)],
    ['a customer is told to try again', refused(200, 1)],
    ['a broken reply', refused(200, -1)],
    ['a bad gateway', refused(502, -1)],
  ])('is tried again after %s', async (_what, error) => {
    expect(await run([error])).toMatchObject({ value: 'done' });
  });

  it.each([
    ['a refusal', refused(400, 2)],
    ['another body under the key', refused(422, 10)],
    ['a refusal of a customer', refused(200, 2)],
    ['no rights', refused(403, 3)],
  ])('is not tried again after %s', async (_what, error) => {
    expect(await run([error])).toMatchObject({ error, tries: [0] });
  });

  it('waits as long as the server asks for, and no less', async () => {
    const { tries } = await run([refused(429, 20, 7000)], { firstPauseMs: 100 });
    expect(tries).toEqual([0, 7100]);
  });

  it('gives up an error of the server’s own after two more attempts', async () => {
    const outcome = await run(Array.from({ length: 9 }, () => refused(500)));
    expect(outcome).toMatchObject({ error: { httpStatus: 500 } });
    expect(outcome.tries).toHaveLength(3);
  });

  it('that is not answered in time is tried again', async () => {
    expect(await run(['hangs'], { attemptMs: 1000, firstPauseMs: 10 })).toMatchObject({
      value: 'done',
      tries: [0, 1010],
    });
  });

  it('ends at its deadline with what the last attempt brought', async () => {
    const outcomes = Array.from({ length: 100 }, () => lost);
    expect(await run(outcomes, { deadlineMs: 3000 })).toMatchObject({ error: lost, timersLeft: 0 });
    expect(await run(outcomes, {}, { deadlineMs: 0 })).toMatchObject({ error: lost, tries: [0] });
  });

  it('ends at once when the caller aborts', async () => {
    const gone = new AbortController();
    const hanging = run(['hangs', 'hangs'], { attemptMs: 1e9, deadlineMs: 1e9 }, { signal: gone.signal });
    gone.abort(new Error('enough'));
    expect(await hanging).toMatchObject({ error: { message: 'enough' } });
    const before = AbortSignal.abort(new Error('never'));
    expect(await run(['done'], {}, { signal: before })).toMatchObject({
      error: { message: 'never' },
      tries: [],
    });
  });
});

it('Retry-After is read in seconds, and passed over when it is anything else', () => {
  const read = (value: string) => retryAfterMs(new Headers({ 'retry-after': value }));
  expect(read('3')).toBe(3000);
  expect(read('Wed, 21 Oct 2015 07:28:00 GMT')).toBe(0);
  expect(read('-1')).toBe(0);
  expect(retryAfterMs(new Headers())).toBe(0);
});

it('keys are 32 hex digits, and no two are the same', () => {
  const keys = Array.from({ length: 100 }, newIdempotencyKey);
  expect(new Set(keys).size).toBe(100);
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/);
});
