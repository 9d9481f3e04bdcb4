import { expect, test } from 'vitest';
import { isClosed, type Chat } from './chat.ts';
import type { ChatCommand } from './commands.ts';
import { decide, stamp } from './decide.ts';
import type { AgentId, ParticipantId } from './ids.ts';
import { carriedOut, chatId, reason, requestedEvents } from './sample-request.ts';

const [a, b] = ['a', 'b'] as [AgentId, AgentId];
const announcement = { participantId: 'told' as ParticipantId, nickname: 'Demo', text: 'Wait.' };

let seats = 0;
const seat = (): ParticipantId => `p${(seats += 1)}` as ParticipantId;
const offer = { type: 'Offer', agentId: a, expiresAtMs: 30, reason } as const;
const accept = (agentId: AgentId): ChatCommand => ({
  type: 'Accept',
  agentId,
  nickname: agentId,
  participantId: seat(),
  saveLar: false,
});
const ask = (type: 'Consult' | 'Invite'): ChatCommand => ({
  type,
  agentId: a,
  asked: { agentId: b, expiresAtMs: 40, participantId: seat(), referenceId: 1 },
});
const gone = (agentId: AgentId): ChatCommand => ({ type: 'AgentGone', agentId, announcement });

function after(...commands: readonly ChatCommand[]): { chat: Chat; types: readonly string[] } {
  const events = requestedEvents({ participantId: seat() });
  let { chat, stored } = stamp(null, events, { chatId, atMs: 0 });
  commands.forEach((command, count) => {
    ({ chat, stored } = carriedOut(chat, command, count + 1));
  });
  return { chat, types: stored.map(({ event }) => event.type) };
}

const stateOf = (chat: Chat, agentId: AgentId) => {
  const one = chat.assignments.find((assignment) => assignment.agentId === agentId);
  return one && `${one.role} ${one.state}`;
};

test('the only agent is gone: the chat waits again from its first wait on, and the customer is told', () => {
  const { chat, types } = after(offer, accept(a), gone(a));
  expect(types).toEqual([
    'ParticipantLeft',
    'AgentReleased',
    'ParticipantJoined',
    'TextSent',
    'ParticipantLeft',
    'ChatQueued',
  ]);
  expect(chat).toMatchObject({ session: 'Open', waiting: true, waitingSinceMs: 0, exclusions: [] });
  expect(stateOf(chat, a)).toBe('Handler Revoked');
});

test('the handler of a conference is gone: the member goes on, and nobody waits', () => {
  const { chat, types } = after(offer, accept(a), ask('Invite'), accept(b), gone(a));
  expect(types).toEqual(['ParticipantLeft', 'AgentReleased', 'RoleChanged']);
  expect(chat.waiting).toBe(false);
  expect([stateOf(chat, a), stateOf(chat, b)]).toEqual(['Handler Revoked', 'Handler Chatting']);
});

test('the consultant is gone: the handler goes on', () => {
  const { chat } = after(offer, accept(a), ask('Consult'), accept(b), gone(b));
  expect([stateOf(chat, a), stateOf(chat, b)]).toEqual(['Handler Chatting', 'Consultant Revoked']);
  expect(chat.waiting).toBe(false);
});

test('the handler of a consultation is gone: the consultant, whom the customer does not know, goes too', () => {
  const { chat } = after(offer, accept(a), ask('Consult'), accept(b), gone(a));
  expect([stateOf(chat, a), stateOf(chat, b)]).toEqual(['Handler Revoked', 'Consultant Revoked']);
  expect(chat.waiting).toBe(true);
});

test('after the conversation there is nobody to wait for: the chat is closed', () => {
  const left: ChatCommand = { type: 'CustomerLeave' };
  expect(isClosed(after(offer, accept(a), left, gone(a)).chat)).toBe(true);
  expect(isClosed(after(offer, accept(a), { type: 'Leave', agentId: a }, gone(a)).chat)).toBe(true);
});

test('an agent who has only been asked, or is done, has nothing that could end', () => {
  const refused = { refused: 'NotAllowedInState' };
  expect(decide(after(offer).chat, gone(a))).toMatchObject(refused);
  expect(decide(after(offer, accept(a), gone(a)).chat, gone(a))).toMatchObject(refused);
});
