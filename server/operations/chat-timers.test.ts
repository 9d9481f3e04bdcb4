import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '@parley/testkit/manual-clock.ts';
import type { Clock } from '../clock.ts';
import type { Chat } from '../domain/chat.ts';
import type { ChatCommand } from '../domain/commands.ts';
import { stamp } from '../domain/decide.ts';
import type { AgentId, ParticipantId } from '../domain/ids.ts';
import { carriedOut, chatId, reason, requestedEvents } from '../domain/sample-request.ts';
import { ChatTimers } from './chat-timers.ts';
import { CustomerPresence } from './customer-presence.ts';
import type { Deadline, TimeLimits } from './deadlines.ts';

const agentId = 'a' as AgentId;
const limits: TimeLimits = {
  lateReplyAlarmMs: 60_000,
  idleAlarmMs: 0,
  afterChatWorkMs: 900_000,
  startedAtMs: 0,
  offerGraceMs: 0,
  offerShownAtMs: () => 0,
  idle: { alertMs: 255_000, alert2Ms: 0, closeMs: 45_000, notices: 'none' },
  idleGraceMs: 45_000,
  customerGoneMs: 45_000,
  customerPushMs: 86_400_000,
};

/** Counts the timers that are set. */
class CountingClock extends ManualClock {
  set = 0;
  override setTimer(...timer: Parameters<Clock['setTimer']>): ReturnType<Clock['setTimer']> {
    this.set += 1;
    return super.setTimer(...timer);
  }
}

let clock: CountingClock;
let presence: CustomerPresence;
let timers: ChatTimers;
let chat: Chat;
let due: { readonly deadline: Deadline; readonly atMs: number }[];
let lateMs: number;

function step(command: ChatCommand): void {
  ({ chat } = carriedOut(chat, command, clock.now()));
  timers.follow(chat);
}
const ask = (): void => step({ type: 'CustomerSend', message: { text: '?' } });
const answer = (): void => step({ type: 'SendMessage', agentId, message: { text: '!' } });
const kinds = (): string[] => due.map(({ deadline }) => deadline.kind);

function begin(clockNow: CountingClock): void {
  clock = clockNow;
  due = [];
  lateMs = 0;
  presence = new CustomerPresence(clock);
  timers = new ChatTimers({
    clock,
    limitsOf: () => limits,
    headOf: () => chat,
    lastSeenAtMs: (one) => presence.lastSeenAtMs(one),
    onDue: (_chatId, deadline) => void due.push({ deadline, atMs: clock.now() }),
    onLate(ms) {
      lateMs = Math.max(lateMs, ms);
      if (ms > 5_000) presence.startAnew();
    },
  });
  ({ chat } = stamp(null, requestedEvents(), { chatId, atMs: clock.now() }));
  timers.follow(chat);
}

/** Somebody has taken the chat, and a tab of the customer listens. */
function talk(): void {
  presence.opened(chatId);
  step({ type: 'Offer', agentId, expiresAtMs: clock.now() + 30_000, reason });
  const participantId = 'p1' as ParticipantId;
  step({ type: 'Accept', agentId, nickname: 'A', participantId, saveLar: false });
}

beforeEach(() => begin(new CountingClock()));
afterEach(() => timers.stop());

describe('the timer of a chat', () => {
  it('is not touched by what only puts it off, and is one however much is said', () => {
    talk();
    ask();
    const { set } = clock;
    for (let at = 0; at < 1000; at += 1) {
      clock.advance(10);
      answer();
      ask();
    }
    expect(clock.set).toBe(set);
    expect(timers.size).toBe(1);
    expect(clock.pending()).toHaveLength(1);
    // It comes when the first question would have been late, and looks again then.
    clock.advance(50_000);
    expect(due).toEqual([]);
    clock.advance(9_999);
    expect(due).toEqual([]);
    clock.advance(1);
    expect(kinds()).toEqual(['alarm']);
  });

  it('is set anew for what comes earlier', () => {
    talk();
    expect(clock.pending()).toEqual([clock.now() + 30_000]);
    clock.advance(30_000);
    expect(clock.pending()).toEqual([clock.now() + 225_000]);
    ask();
    expect(clock.pending()).toEqual([clock.now() + 60_000]);
  });

  it('does not stand for a chat that is over', () => {
    talk();
    step({ type: 'CustomerLeave' });
    expect(clock.pending()).toEqual([expect.any(Number)]);
    step({ type: 'Complete', agentId, saveLar: false });
    expect(clock.pending()).toEqual([]);
    expect(timers.size).toBe(0);
  });

  it('is set no more after the end', () => {
    timers.stop();
    ask();
    expect(clock.pending()).toEqual([]);
  });
});

describe('a customer', () => {
  it('is due when nothing was heard of them for so long, and polls set no timer', () => {
    const { set } = clock;
    for (let poll = 0; poll < 20; poll += 1) {
      clock.advance(2_000);
      presence.requested(chatId);
    }
    expect(clock.set).toBe(set);
    clock.advance(44_999);
    expect(due).toEqual([]);
    clock.advance(1);
    expect(kinds()).toEqual(['customer-gone']);
    expect(due[0]?.atMs).toBe(clock.now());
  });

  it('is never due while a tab listens, and the time runs from the end of the last one', () => {
    presence.opened(chatId);
    presence.opened(chatId);
    clock.advance(1_000_000);
    expect(presence.closed(chatId)).toBe(false);
    clock.advance(1_000_000);
    expect(presence.closed(chatId)).toBe(true);
    timers.follow(chat);
    clock.advance(44_999);
    expect(due).toEqual([]);
    clock.advance(1);
    expect(kinds()).toEqual(['customer-gone']);
    // One end too many changes nothing.
    expect(presence.closed(chatId)).toBe(false);
  });
});

/** A clock whose hands can be put; its timers run on real time, as the machine's do. */
class PutClock extends CountingClock {
  putMs = 0;
  override now(): number {
    return super.now() + this.putMs;
  }
  override setTimer(...[atMs, callback]: Parameters<Clock['setTimer']>): ReturnType<Clock['setTimer']> {
    return super.setTimer(atMs - this.putMs, callback);
  }
}

describe('a clock that is put', () => {
  let put: PutClock;
  beforeEach(() => {
    put = new PutClock();
    begin(put);
  });

  it('forward makes nobody gone before their time', () => {
    clock.advance(10_000);
    presence.requested(chatId);
    put.putMs = 3_600_000;
    clock.advance(34_999);
    expect(due).toEqual([]);
    clock.advance(1);
    // The poll was 35 s ago, whatever the hands say.
    expect(lateMs).toBe(3_600_000);
    expect(due).toEqual([]);
    clock.advance(44_999);
    expect(due).toEqual([]);
    clock.advance(1);
    expect(kinds()).toEqual(['customer-gone']);
  });

  it('back lets nobody stay for as long as that', () => {
    presence.requested(chatId);
    put.putMs = -3_600_000;
    clock.advance(45_000);
    expect(due).toEqual([]);
    clock.advance(45_000);
    expect(kinds()).toEqual(['customer-gone']);
  });
});
