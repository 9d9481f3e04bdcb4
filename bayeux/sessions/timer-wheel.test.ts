import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ManualClock } from './manual-clock.ts';
import { TimerWheel, WheelTimer } from './timer-wheel.ts';

function wheelOf() {
  const clock = new ManualClock();
  const errors: unknown[] = [];
  return { clock, errors, wheel: new TimerWheel(clock, (error) => void errors.push(error), 50) };
}

it('fires once, within a tick after the deadline, however far off that is', () => {
  const deadline = fc.integer({ min: 0, max: 400_000 });
  fc.assert(
    fc.property(fc.array(deadline, { minLength: 1, maxLength: 20 }), (delays) => {
      const { clock, wheel } = wheelOf();
      const fired: (readonly [number, number])[] = [];
      const startMs = clock.monotonicMs();
      for (const delayMs of delays) {
        const owner = { timerFired: () => void fired.push([delayMs, clock.monotonicMs() - startMs]) };
        wheel.arm(new WheelTimer(owner), delayMs);
      }
      clock.advance(400_100);
      expect(fired.length).toBe(delays.length);
      for (const [delayMs, firedMs] of fired) {
        expect(firedMs).toBeGreaterThanOrEqual(delayMs);
        expect(firedMs).toBeLessThanOrEqual(delayMs + 100);
      }
      expect(wheel.size).toBe(0);
    }),
    { numRuns: 30 },
  );
});

it('keeps to the last deadline a timer was given, earlier or later', () => {
  const { clock, wheel } = wheelOf();
  let fired = 0;
  const timer = new WheelTimer({ timerFired: () => void fired++ });
  wheel.arm(timer, 1_000);
  wheel.arm(timer, 5_000);
  clock.advance(4_900);
  expect(fired).toBe(0);
  wheel.arm(timer, 200_000);
  wheel.arm(timer, 300);
  clock.advance(400);
  expect(fired).toBe(1);
  clock.advance(300_000);
  expect([fired, wheel.size]).toEqual([1, 0]);
});

it('forgets what was disarmed or removed', () => {
  const { clock, wheel } = wheelOf();
  const timers = [0, 1, 2].map(() => new WheelTimer({ timerFired: () => expect.unreachable() }));
  for (const timer of timers) wheel.arm(timer, 500);
  const [disarmed, removed, both] = timers as [WheelTimer, WheelTimer, WheelTimer];
  wheel.disarm(disarmed);
  wheel.remove(removed);
  wheel.disarm(both);
  wheel.remove(both);
  expect(wheel.size).toBe(1);
  clock.advance(1_000);
  expect(wheel.size).toBe(0);
});

it('lets a timer arm itself again, and goes on after one that throws', () => {
  const { clock, wheel, errors } = wheelOf();
  let rounds = 0;
  const again = new WheelTimer({ timerFired: (timer) => (rounds++, wheel.arm(timer, 50)) });
  const broken = new WheelTimer({
    timerFired: () => {
      throw new Error('oops');
    },
  });
  wheel.arm(broken, 50);
  wheel.arm(again, 50);
  clock.advance(1_000);
  expect([rounds, errors.length]).toEqual([20, 1]);
});

it('says nothing once stopped', () => {
  const { clock, wheel } = wheelOf();
  wheel.arm(new WheelTimer({ timerFired: () => expect.unreachable() }), 100);
  wheel.stop();
  clock.advance(1_000);
});
