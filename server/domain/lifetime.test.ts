import { describe, expect, test } from 'vitest';
import { isClosed, type Chat } from './chat.ts';
import type { ChatEvent, StopAbandoned } from './chat-event.ts';
import type { ChatCommand } from './commands.ts';
import { decide, stamp } from './decide.ts';
import type { AgentId, ParticipantId } from './ids.ts';
import { isAsleep } from './lifetime.ts';
import { carriedOut, chatId, placement, reason, requestedEvents } from './sample-request.ts';

const agentId = 'a' as AgentId;
const offer: ChatCommand = { type: 'Offer', agentId, expiresAtMs: 30, reason };
const participantId = 'p1' as ParticipantId;
const accept: ChatCommand = { type: 'Accept', agentId, nickname: 'A', participantId, saveLar: false };
const ask: ChatCommand = { type: 'CustomerSend', message: { text: '?' } };
const answer: ChatCommand = { type: 'SendMessage', agentId, message: { text: '!' } };
const alert = (sinceMs: number): ChatCommand => ({
  type: 'AlertIdle',
  number: 1,
  counted: 'none',
  sinceMs,
  closesAtMs: 90_000,
});

/** The chat after the commands, one a millisecond, and the types of the last one's events. */
function play(
  lifetime: { readonly isAsync?: true; readonly stopAbandoned?: StopAbandoned },
  ...commands: readonly ChatCommand[]
): { readonly chat: Chat; readonly types: readonly ChatEvent['type'][] } {
  let { chat } = stamp(null, requestedEvents({ lifetime }), { chatId, atMs: 0 });
  let types: readonly ChatEvent['type'][] = [];
  for (const [at, command] of commands.entries()) {
    const done = carriedOut(chat, command, at + 1);
    types = done.stored.map(({ event }) => event.type);
    ({ chat } = done);
  }
  return { chat, types };
}

describe.each(['CustomerLeave', 'CustomerGone'] as const)('by %s', (type) => {
  const end: ChatCommand = { type };
  const transfer: ChatCommand = { type: 'Transfer', agentId, to: { placement } };

  test.each([
    ['never', 'waiting', [], false],
    ['never', 'waiting again', [offer, accept, transfer], false],
    ['noanswer', 'waiting', [], true],
    ['noanswer', 'waiting again', [offer, accept, transfer], false],
    ['noagents', 'waiting', [], true],
    ['noagents', 'waiting again', [offer, accept, transfer], true],
    ['noagents', 'talking', [offer, accept], false],
    ['never', 'talking', [offer, accept], false],
    ['always', 'waiting', [], true],
    ['always', 'talking', [offer, accept], true],
  ] as const)('with %s a chat that is %s', (stopAbandoned, _how, before, isOver) => {
    const { chat } = play({ stopAbandoned }, ...before, end);
    expect(isClosed(chat)).toBe(isOver);
    expect(chat.session).toBe('Ended');
    const isAbandoned = !isOver && before.length !== 2;
    expect(chat.waiting).toBe(isAbandoned);
    expect(chat.userData).toEqual(isAbandoned ? { IsOnline: 'false' } : {});
  });

  test('an offer stands or is taken back with the chat', () => {
    expect(play({ stopAbandoned: 'never' }, offer, end).chat.assignments).toMatchObject([
      { agentId, state: 'Invited' },
    ]);
    expect(play({}, offer, end).chat.assignments).toMatchObject([{ agentId, state: 'Revoked' }]);
  });
});

describe('an agent who is gone', () => {
  const gone: ChatCommand = { type: 'AgentGone', agentId };

  test('lets an asynchronous chat sleep when the customer has been answered, and not otherwise', () => {
    expect(isAsleep(play({ isAsync: true }, offer, accept, ask, answer, gone).chat)).toBe(true);
    const { chat } = play({ isAsync: true }, offer, accept, ask, gone);
    expect(isAsleep(chat)).toBe(false);
    expect(chat.waiting).toBe(true);
  });

  test('sends a usual chat back either way', () => {
    expect(play({}, offer, accept, ask, answer, gone).chat.waiting).toBe(true);
  });
});

describe('an alert', () => {
  test('is refused when somebody was active meanwhile, or has been told already', () => {
    const { chat } = play({}, offer, accept, ask);
    expect(decide(chat, alert(2))).toMatchObject({ refused: 'NotAllowedInState' });
    const { chat: told } = play({}, offer, accept, ask, alert(3));
    expect(decide(told, alert(3))).toMatchObject({ refused: 'NotAllowedInState' });
    expect(decide(chat, { type: 'CloseIdle' })).toMatchObject({ refused: 'NotAllowedInState' });
  });

  test('is over with the next word, but not with what the contact centre says itself', () => {
    const announcement = { participantId: 'x' as ParticipantId, nickname: 'Us', text: 'Soon.' };
    const told = { ...alert(2), announcement } as ChatCommand;
    expect(play({}, offer, accept, told).chat.activity.alert).toEqual({
      number: 1,
      atMs: 3,
      counted: 'none',
    });
    const typing: ChatCommand = { type: 'CustomerTyping', started: true };
    expect(play({}, offer, accept, told, typing).chat.activity.alert).not.toBeNull();
    expect(play({}, offer, accept, told, ask).chat.activity.alert).toBeNull();
  });
});

test('words wake a sleeping chat once, for whoever had it last; typing and user data do not', () => {
  const leave: ChatCommand = { type: 'LeaveAndComplete', agentId, saveLar: false };
  const slept = [offer, accept, answer, leave];
  const data: ChatCommand = { type: 'CustomerUpdateData', userData: { a: '1' } };
  const typing: ChatCommand = { type: 'CustomerTyping', started: true };
  expect(isAsleep(play({ isAsync: true }, ...slept, data, typing).chat)).toBe(true);
  const woken = play({ isAsync: true }, ...slept, ask);
  expect(woken.types).toEqual(['TextSent', 'ChatQueued']);
  expect(woken.chat).toMatchObject({ waiting: true, waitingSinceMs: 5, lastAgentId: agentId });
  expect(play({ isAsync: true }, ...slept, ask, ask).types).toEqual(['TextSent']);
});
