import { describe, expect, it } from 'vitest';
import { ManualClock } from './manual-clock.ts';

describe('ManualClock', () => {
  it('runs what falls due, the earliest first, and shows each its own time', () => {
    const clock = new ManualClock(1_000);
    const ran: [string, number][] = [];
    clock.setTimer(1_300, () => ran.push(['c', clock.now()]));
    clock.setTimer(1_100, () => ran.push(['a', clock.now()]));
    clock.setTimer(1_200, () => ran.push(['b', clock.now()]));
    clock.advance(250);
    expect(ran).toEqual([
      ['a', 1_100],
      ['b', 1_200],
    ]);
    expect(clock.now()).toBe(1_250);
    expect(clock.pending()).toEqual([1_300]);
  });

  it('runs timers of the same time in the order in which they were set', () => {
    const clock = new ManualClock(0);
    const ran: string[] = [];
    for (const name of ['first', 'second', 'third']) clock.setTimer(10, () => ran.push(name));
    clock.advanceTo(10);
    expect(ran).toEqual(['first', 'second', 'third']);
  });

  it('runs timers set by timers, also those due at once, within the same turn', () => {
    const clock = new ManualClock(0);
    const ran: [string, number][] = [];
    clock.setTimer(10, () => {
      ran.push(['outer', clock.now()]);
      clock.setTimer(15, () => ran.push(['inner', clock.now()]));
      clock.setTimer(5, () => ran.push(['overdue', clock.now()]));
    });
    clock.setTimer(12, () => ran.push(['between', clock.now()]));
    clock.advance(20);
    expect(ran).toEqual([
      ['outer', 10],
      ['overdue', 10],
      ['between', 12],
      ['inner', 15],
    ]);
  });

  it('does not run what was cancelled, not even by a timer just before it', () => {
    const clock = new ManualClock(0);
    const ran: string[] = [];
    clock.setTimer(1, () => cancel());
    const cancel = clock.setTimer(2, () => ran.push('cancelled'));
    clock.setTimer(3, () => ran.push('kept'));
    clock.advance(5);
    cancel();
    expect(ran).toEqual(['kept']);
  });

  it('never runs a timer within setTimer itself', () => {
    const clock = new ManualClock(100);
    let ran = false;
    clock.setTimer(50, () => (ran = true));
    expect(ran).toBe(false);
    clock.advance(0);
    expect(ran).toBe(true);
    expect(clock.now()).toBe(100);
  });

  it('does not go back', () => {
    expect(() => new ManualClock(10).advanceTo(9)).toThrow(RangeError);
  });
});
