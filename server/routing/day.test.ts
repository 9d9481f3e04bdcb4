import { expect, test } from 'vitest';
import { EventCalendar } from './event-calendar.ts';
import { route } from './route.ts';
import { sampleAgent, sampleChat, sampleNowMs } from './sample-snapshot.ts';
import { seededRandom } from './seeded-random.ts';
import { simulateDay } from './simulation.ts';
import type { WaitingChat } from './snapshot.ts';

const minuteMs = 60_000;

test(
  'a day of 200 agents and 20,000 chats: everybody who was taken is answered, no rule is broken',
  { timeout: 60_000 },
  () => {
    const { violations, byQueue, ...day } = simulateDay(seededRandom(1), {
      agents: 200,
      chats: 20_000,
      contacts: 8_000,
    });
    console.log(day);
    console.table(byQueue);
    expect(violations).toEqual([]);
    expect(day.refused).toBeGreaterThan(10);
    expect(day.answered + day.refused).toBe(20_000);
    expect(day.relaxedOffers).toBeGreaterThan(20);
    expect(day.noAnswers).toBeGreaterThan(100);
    expect(day.lastAgentOffers).toBeGreaterThan(1_000);
    expect(day.serviceLevel).toBeGreaterThan(0.9);
    // Support has the lowest priority, and relaxation lets its agents take chats of the others.
    expect(day.longestWaitMs).toBeLessThan(20 * minuteMs);
  },
);

test('a day with too few agents: queues grow, nobody starves, no rule is broken', { timeout: 60_000 }, () => {
  const { violations, ...day } = simulateDay(seededRandom(2), {
    agents: 105,
    chats: 14_000,
    contacts: 5_000,
  });
  expect(violations).toEqual([]);
  expect(day.answered + day.refused).toBe(14_000);
  expect(day.overflows).toBeGreaterThan(20);
  expect(day.relaxedOffers).toBeGreaterThan(100);
  expect(day.longestQueue).toBeGreaterThan(50);
  expect(day.serviceLevel).toBeLessThan(0.9);
  // Those of the lowest priority wait for a part of the day, and are answered in it.
  expect(day.longestWaitMs).toBeLessThan(120 * minuteMs);
});

test('the same seed plays the same day, another seed another', { timeout: 60_000 }, () => {
  const size = { agents: 60, chats: 3_000, contacts: 900 };
  const first = simulateDay(seededRandom(3), size);
  expect(simulateDay(seededRandom(3), size)).toEqual(first);
  expect(simulateDay(seededRandom(4), size).digest).not.toBe(first.digest);
});

test('a day on which every offer is rejected does not run for ever', () => {
  const size = { agents: 6, chats: 20, contacts: 20 };
  const habits = { rejectShare: 1, noAnswerShare: 0, exclusionMs: 60 * minuteMs };
  expect(() => simulateDay(seededRandom(5), size, habits)).toThrow('not answered for a week');
});

test('ageing brings a low priority to its turn however many of a high one arrive', () => {
  // One chat a minute is served and a new one of priority 5 comes: without ageing the old one would wait for ever.
  const servedAfter = (ageingPerMinute: number): number | null => {
    const old = sampleChat('old', { ageingPerMinute, waitingSinceMs: sampleNowMs });
    let waiting: readonly WaitingChat[] = [old];
    for (let minute = 0; minute < 60; minute++) {
      const nowMs = sampleNowMs + minute * minuteMs;
      waiting = [...waiting, sampleChat(`new-${minute}`, { priority: 5, waitingSinceMs: nowMs })];
      const [served] = route({ nowMs, waiting, agents: [sampleAgent('ann')] }).assignments;
      if (served?.chatId === old.chatId) return minute;
      waiting = waiting.filter((one) => one.chatId !== served?.chatId);
    }
    return null;
  };
  expect(servedAfter(0)).toBeNull();
  expect(servedAfter(0.5)).toBe(10);
});

test('the calendar runs timers by time, then by when they were set, and none that was cancelled', () => {
  const calendar = new EventCalendar(100);
  const ran: string[] = [];
  const note = (name: string) => () => void ran.push(`${name} at ${calendar.now()}`);
  calendar.setTimer(300, note('late'));
  calendar.setTimer(200, note('first'));
  calendar.setTimer(200, () => {
    note('second')();
    calendar.setTimer(50, note('overdue'));
  });
  calendar.setTimer(250, note('never'))();
  while (calendar.runNext());
  expect(ran).toEqual(['first at 200', 'second at 200', 'overdue at 200', 'late at 300']);
  expect(calendar.nextAtMs()).toBeNull();
});
