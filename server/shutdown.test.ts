import { ManualClock } from '@parley/testkit/manual-clock.ts';
import { describe, expect, it } from 'vitest';
import { JournalError } from './journal/journal-error.ts';
import { Shutdown, stoppingFailed } from './shutdown.ts';
import { createLogger } from './telemetry/logger.ts';

function setUp() {
  const clock = new ManualClock();
  const said: string[] = [];
  const exits: number[] = [];
  const errors: unknown[] = [];
  const draining = Promise.withResolvers<void>();
  let drains = 0;
  const shutdown = new Shutdown({
    clock,
    drain() {
      drains++;
      return draining.promise;
    },
    exit: (code) => exits.push(code),
    tell: (sentence) => said.push(sentence),
    onError(error) {
      errors.push(error);
      return 7;
    },
    drainTimeoutMs: 10_000,
  });
  return { clock, said, exits, errors, draining, shutdown, drains: () => drains };
}

/** Until what was resolved has been noticed. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the first signal', () => {
  it('drains, and exits with 0 when that is done', async () => {
    const { clock, said, exits, draining, shutdown } = setUp();
    shutdown.signal();
    await settle();
    expect([said, exits]).toEqual([['Stopping; once more to stop at once.'], []]);
    draining.resolve();
    await settle();
    expect([exits, clock.pending()]).toEqual([[0], []]);
  });

  it('exits with what is said of it when draining fails', async () => {
    const { exits, errors, draining, shutdown } = setUp();
    shutdown.signal();
    draining.reject(new Error('the disk'));
    await settle();
    expect([exits, errors]).toEqual([[7], [new Error('the disk')]]);
  });

  it('exits with 1 when draining takes too long', async () => {
    const { clock, said, exits, draining, shutdown } = setUp();
    shutdown.signal();
    clock.advance(9999);
    expect(exits).toEqual([]);
    clock.advance(1);
    expect([exits, said.at(-1)]).toEqual([[1], 'Stopping took longer than 10000 ms and is given up.']);
    draining.resolve();
    await settle();
    expect(exits).toEqual([1]);
  });
});

describe('the second signal', () => {
  it('exits at once, and once', async () => {
    const { exits, draining, shutdown, drains } = setUp();
    for (let n = 0; n < 5; n++) shutdown.signal();
    expect([exits, drains()]).toEqual([[130], 1]);
    draining.resolve();
    await settle();
    expect(exits).toEqual([130]);
  });
});

it('a full disk is told from other reasons by the exit code, with one sentence and no stack in the log', () => {
  const lines: string[] = [];
  const logger = createLogger(
    { level: 'info', messageText: false },
    { write: (line) => void lines.push(line) },
  );
  const sentence = 'The disk is full: 3 changes are lost.';
  expect(stoppingFailed(logger, new JournalError('full', sentence))).toBe(74);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: 'stopped on a full disk', reason: sentence });
  expect(lines[0]).not.toContain('stack');
  expect(stoppingFailed(logger, new JournalError('failed', 'The thread ended.'))).toBe(1);
  expect(lines[1]).toContain('stopping failed');
});
