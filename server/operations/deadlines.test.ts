import { expect, test } from 'vitest';
import type { Chat } from '../domain/chat.ts';
import type { ChatCommand } from '../domain/commands.ts';
import { decide, stamp } from '../domain/decide.ts';
import type { AgentId, ParticipantId } from '../domain/ids.ts';
import { carriedOut, chatId, reason, requestedEvents } from '../domain/sample-request.ts';
import { nextDeadline as deadlineOf, type Deadline, type TimeLimits } from './deadlines.ts';

const agentId = 'a' as AgentId;
const offer = { type: 'Offer', agentId, expiresAtMs: 30, reason } as const;
const accept = {
  type: 'Accept',
  agentId,
  nickname: 'A',
  participantId: 'p1' as ParticipantId,
  saveLar: false,
} as const;
const ask = { type: 'CustomerSend', message: { text: '?' } } as const;
const answer = { type: 'SendMessage', agentId, message: { text: '!' } } as const;
const never: TimeLimits = {
  lateReplyAlarmMs: 0,
  idleAlarmMs: 0,
  afterChatWorkMs: 0,
  startedAtMs: 0,
  offerGraceMs: 0,
  offerShownAtMs: () => 0,
  idle: null,
  idleGraceMs: 45,
  customerGoneMs: 45,
  customerPushMs: 86_400,
};

/** Of a chat whose customer is there. */
const nextDeadline = (chat: Chat, limits: TimeLimits): Deadline | null => deadlineOf(chat, limits, Infinity);

/** The chat after these commands, each at its moment. */
function after(...steps: readonly (readonly [number, ChatCommand])[]): Chat {
  let { chat } = stamp(null, requestedEvents(), { chatId, atMs: 0 });
  for (const [atMs, command] of steps) ({ chat } = carriedOut(chat, command, atMs));
  return chat;
}

const talking = [
  [1, offer],
  [2, accept],
] as const;

test('an offer runs out when it said, but not before a server that has just started could be answered', () => {
  const offered = after([1, offer]);
  expect(nextDeadline(offered, never)).toEqual({ kind: 'offer', agentId, atMs: 30 });
  const late = { ...never, startedAtMs: 28, offerGraceMs: 5 };
  expect(nextDeadline(offered, late)).toEqual({ kind: 'offer', agentId, atMs: 33 });
  expect(nextDeadline(offered, { ...late, startedAtMs: 1 })).toMatchObject({ atMs: 30 });
});

test('an offer rings from when it could be seen, for as long as it was meant to, and runs out no sooner', () => {
  const offered = after([1, offer]);
  const shownAt = (atMs: number): TimeLimits => ({ ...never, offerShownAtMs: () => atMs });
  expect(nextDeadline(offered, shownAt(Infinity))).toBeNull();
  expect(nextDeadline(offered, shownAt(21))).toEqual({ kind: 'offer', agentId, atMs: 50 });
  expect(nextDeadline(offered, shownAt(1))).toMatchObject({ atMs: 30 });
});

test('without limits nothing else falls due', () => {
  expect(nextDeadline(after(...talking, [3, ask]), never)).toBeNull();
  expect(nextDeadline(after(...talking, [3, { type: 'CustomerLeave' }]), never)).toBeNull();
});

test('a message without an answer raises LateReply, counted from the first of several', () => {
  const limits = { ...never, lateReplyAlarmMs: 100 };
  const late = (atMs: number) => ({ kind: 'alarm', alarm: 'LateReply', atMs });
  expect(nextDeadline(after([0, ask]), limits)).toBeNull();
  expect(nextDeadline(after([0, ask], ...talking), limits)).toEqual(late(102));
  expect(nextDeadline(after(...talking, [10, ask], [20, ask]), limits)).toEqual(late(110));
  expect(nextDeadline(after(...talking, [10, ask], [20, answer]), limits)).toBeNull();
  const toAgents = { ...answer, type: 'SendCustomNotice', noticeText: 'x' } as const;
  expect(nextDeadline(after(...talking, [10, ask], [20, toAgents]), limits)).toEqual(late(110));
});

test('an alarm that was raised is not raised again until it is over', () => {
  const limits = { ...never, lateReplyAlarmMs: 100, idleAlarmMs: 1000 };
  const raised = after(...talking, [10, ask], [110, { type: 'RaiseAlarm', alarm: 'LateReply' }]);
  expect(raised.alarms).toEqual(['LateReply']);
  expect(nextDeadline(raised, limits)).toEqual({ kind: 'alarm', alarm: 'Idle', atMs: 1010 });
  expect(decide(raised, { type: 'RaiseAlarm', alarm: 'LateReply' })).toMatchObject({
    refused: 'NotAllowedInState',
  });
  const more = [
    [10, ask],
    [110, { type: 'RaiseAlarm', alarm: 'LateReply' }],
    [120, answer],
  ] as const;
  const over = after(...talking, ...more, [130, ask]);
  expect(over.alarms).toEqual([]);
  expect(nextDeadline(over, limits)).toMatchObject({ alarm: 'LateReply', atMs: 230 });
});

test('silence raises Idle, from the last word or from when the agent came', () => {
  const limits = { ...never, idleAlarmMs: 100 };
  const idle = (atMs: number) => ({ kind: 'alarm', alarm: 'Idle', atMs });
  expect(nextDeadline(after(...talking), limits)).toEqual(idle(102));
  expect(nextDeadline(after(...talking, [10, ask], [20, answer]), limits)).toEqual(idle(120));
  const raised = [120, { type: 'RaiseAlarm', alarm: 'Idle' }] as const;
  expect(after(...talking, [10, ask], [20, answer], raised, [130, ask]).alarms).toEqual([]);
});

test('after-chat work ends in time, whether the agent has left the chat or stayed on in it', () => {
  const limits = { ...never, afterChatWorkMs: 100, lateReplyAlarmMs: 1, idleAlarmMs: 1 };
  const over = (atMs: number) => ({ kind: 'after-chat-work', agentId, atMs });
  const left = after(...talking, [10, { type: 'Leave', agentId }]);
  expect(nextDeadline(left, limits)).toEqual(over(110));
  const stayed = after(...talking, [10, { type: 'CustomerLeave' }]);
  expect(nextDeadline(stayed, limits)).toEqual(over(110));
  for (const chat of [left, stayed]) {
    const { chat: done } = stamp(chat, decide(chat, { type: 'EndAfterChatWork', agentId }) as [], {
      chatId,
      atMs: 110,
    });
    expect(done.assignments).toMatchObject([{ agentId, state: 'Completed' }]);
    expect(nextDeadline(done, limits)).toBeNull();
  }
  const open = after(...talking);
  expect(decide(open, { type: 'EndAfterChatWork', agentId })).toMatchObject({ refused: 'NotAllowedInState' });
});
