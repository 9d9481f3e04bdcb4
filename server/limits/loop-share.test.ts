import { expect, test } from 'vitest';
import { LoopShare } from './loop-share.ts';

/** An event loop by hand, with a piece of 1 ms of work that asks for the next one. */
class Loop {
  nowMs = 0;
  pieces = 0;
  #calls: { readonly atMs: number; readonly call: () => void }[] = [];
  readonly share = new LoopShare({
    ...{ share: 0.1, savedMs: 20 },
    clock: { monotonicMs: () => this.nowMs, epochMs: () => this.nowMs, every: () => () => {} },
    afterTurn: (call) => void this.#calls.push({ atMs: this.nowMs, call }),
    later: (call, pauseMs) => void this.#calls.push({ atMs: this.nowMs + pauseMs, call }),
  });

  readonly piece = (): void => {
    this.pieces += 1;
    this.nowMs += 1;
    this.share.soon(this.piece);
  };

  /** Turns in which others take so long each, until a time. */
  play(othersMs: number, untilMs: number): void {
    while (this.nowMs < untilMs) {
      this.nowMs += othersMs;
      const due = this.#calls.filter(({ atMs }) => atMs <= this.nowMs);
      this.#calls = this.#calls.filter(({ atMs }) => atMs > this.nowMs);
      for (const { call } of due) call();
    }
  }
}

test('what is saved up is done without a pause', () => {
  const loop = new Loop();
  loop.share.soon(loop.piece);
  loop.play(0.01, 20);
  expect(loop.pieces).toBeGreaterThanOrEqual(19);
});

test.each([0.01, 3, 50])('in the long run it has its share, whatever a turn takes: %d ms', (othersMs) => {
  const loop = new Loop();
  loop.share.soon(loop.piece);
  loop.play(othersMs, 10_000);
  expect(loop.pieces).toBeLessThanOrEqual(0.1 * loop.nowMs + 21);
  // A turn of 50 ms has room for one piece.
  expect(loop.pieces).toBeGreaterThan(othersMs < 50 ? 0.07 * loop.nowMs : loop.nowMs / 80);
});

test('time without work is saved up, within a bound', () => {
  const loop = new Loop();
  loop.share.soon(loop.piece);
  loop.play(0.01, 1_000);
  const { pieces } = loop;
  loop.nowMs += 60_000;
  loop.play(0.01, loop.nowMs + 20);
  expect(loop.pieces - pieces).toBeGreaterThanOrEqual(18);
  expect(loop.pieces - pieces).toBeLessThanOrEqual(24);
});

test('a piece that fails has used its time, and the next one comes', () => {
  const loop = new Loop();
  loop.share.soon(() => {
    loop.nowMs += 30;
    throw new Error('this one fails');
  });
  expect(() => loop.play(1, 1)).toThrow('this one fails');
  loop.share.soon(loop.piece);
  loop.play(1, 100);
  expect(loop.pieces).toBe(0);
  loop.play(1, 300);
  expect(loop.pieces).toBeGreaterThan(0);
});
