import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isRefusal } from '@parley/contract/refusals.ts';
import { foldLog, type Chat } from '../domain/chat.ts';
import { play, steps } from '../domain/chat-arbitrary.ts';
import { chatId } from '../domain/sample-request.ts';
import type { StoredEvent } from '../domain/chat-event.ts';
import type { ChatCommand } from '../domain/commands.ts';
import { decide, stamp } from '../domain/decide.ts';
import { nextDeadline, nextDueAtMs, type Deadline, type TimeLimits } from './deadlines.ts';

const someLimits = fc.record({
  lateReplyAlarmMs: fc.nat(30),
  idleAlarmMs: fc.nat(30),
  afterChatWorkMs: fc.nat(30),
  startedAtMs: fc.nat(60),
  offerGraceMs: fc.nat(10),
  offerShownAtMs: fc.nat(60).map((atMs) => () => atMs),
  idle: fc.option(
    fc.record({
      alertMs: fc.integer({ min: 1, max: 30 }),
      alert2Ms: fc.nat(10),
      closeMs: fc.integer({ min: 1, max: 30 }),
      notices: fc.constantFrom('none', 'major', 'major2', 'typing', 'all'),
    }),
  ),
  idleGraceMs: fc.nat(30),
  customerGoneMs: fc.integer({ min: 1, max: 60 }),
  customerPushMs: fc.integer({ min: 1, max: 90 }),
}) satisfies fc.Arbitrary<TimeLimits>;
const lastSeen = fc.oneof(fc.nat(60), fc.constant(Infinity));

/** What the server does when a deadline has come (`time-out.ts`, without its words). */
function commandFor(chat: Chat, deadline: Deadline, { idle }: TimeLimits): ChatCommand {
  const { atMs } = deadline;
  switch (deadline.kind) {
    case 'offer':
      return { type: 'RevokeOffer', agentId: deadline.agentId, reason: 'no-answer', notBeforeMs: atMs };
    case 'after-chat-work':
      return { type: 'EndAfterChatWork', agentId: deadline.agentId };
    case 'alarm':
      return { type: 'RaiseAlarm', alarm: deadline.alarm };
    case 'idle-alert': {
      const counted = idle?.notices ?? 'none';
      const sinceMs = chat.activity.lastAtMs[counted];
      return { type: 'AlertIdle', number: deadline.number, counted, sinceMs, closesAtMs: atMs };
    }
    case 'idle-close':
      return { type: 'CloseIdle' };
    case 'customer-gone':
      return { type: 'CustomerGone' };
  }
}

test('what falls due follows from the log, and a log that was stored gives the same', () => {
  fc.assert(
    fc.property(steps, someLimits, lastSeen, (list, limits, seenAtMs) => {
      let last: Chat | null = null;
      const log = play(list, ({ after }) => (last = after));
      const again = foldLog(JSON.parse(JSON.stringify(log)) as StoredEvent[]);
      if (!last || !again) return;
      const deadline = nextDeadline(last, limits, seenAtMs);
      expect(nextDeadline(last, limits, seenAtMs)).toEqual(deadline);
      expect(nextDeadline(again, limits, seenAtMs)).toEqual(deadline);
      expect(nextDueAtMs(again, limits, seenAtMs)).toBe(deadline?.atMs ?? Infinity);
    }),
  );
});

test('whatever falls due can be done, and a chat left alone comes to an end or to rest', () => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(steps, someLimits, lastSeen, (list, limits, seenAtMs) => {
      let chat: Chat | null = null;
      play(list, ({ after }) => (chat = after));
      let nowMs = 60;
      for (let done = 0; chat; done += 1) {
        const deadline: Deadline | null = nextDeadline(chat, limits, seenAtMs);
        if (!deadline) return;
        kinds.add(deadline.kind);
        // A timer that is never over would set itself again for ever.
        expect(done).toBeLessThan(40);
        nowMs = Math.max(nowMs, deadline.atMs);
        const decided = decide(chat, commandFor(chat, deadline, limits));
        expect(isRefusal(decided)).toBe(false);
        if (isRefusal(decided)) return;
        expect(decided.length).toBeGreaterThan(0);
        ({ chat } = stamp(chat, decided, { chatId, atMs: nowMs }));
      }
    }),
    { numRuns: 300 },
  );
  expect([...kinds].toSorted()).toEqual([
    'after-chat-work',
    'alarm',
    'customer-gone',
    'idle-alert',
    'idle-close',
    'offer',
  ]);
});
