import { expect, test } from 'vitest';
import { isClosed, type Chat } from './chat.ts';
import type { Announcement, ChatCommand } from './commands.ts';
import { decide, stamp } from './decide.ts';
import type { AgentId, ParticipantId } from './ids.ts';
import { carriedOut, chatId, placement, reason, requestedEvents } from './sample-request.ts';

const announcement: Announcement = {
  participantId: 'told' as ParticipantId,
  nickname: 'Demo',
  text: 'Nobody is here.',
};

function requested(told?: Announcement): Chat {
  const events = requestedEvents({
    message: { text: 'Hello' },
    ...(told ? { announcement: told } : {}),
  });
  return stamp(null, events, { chatId, atMs: 1_000 }).chat;
}

function after(chat: Chat, command: ChatCommand): { readonly chat: Chat; readonly types: readonly string[] } {
  const stamped = carriedOut(chat, command, 5_000);
  return { chat: stamped.chat, types: stamped.stored.map(({ event }) => event.type) };
}

test('what is told at the request answers nobody and leaves the chat waiting', () => {
  const chat = requested(announcement);
  expect(chat).toMatchObject({ waiting: true, unansweredSinceMs: 1_000, nextIndex: 6 });
  expect(chat.parties).toMatchObject([
    { type: 'Customer', ordinal: 1, present: true },
    { type: 'External', ordinal: 2, present: false },
  ]);
});

test('a chat that overflows keeps its first wait', () => {
  const { chat } = after(requested(), { type: 'Overflow', placement: { ...placement, queue: 'other' } });
  expect(chat).toMatchObject({ waiting: true, waitingSinceMs: 1_000, placement: { queue: 'other' } });
});

test('a chat that is given up is over, with or without a word', () => {
  const told = after(requested(), { type: 'GiveUp', announcement });
  const gone = ['ParticipantLeft', 'SessionEnded'];
  expect(told.types).toEqual(['ParticipantJoined', 'TextSent', 'ParticipantLeft', ...gone]);
  expect(isClosed(told.chat)).toBe(true);
  expect(after(requested(), { type: 'GiveUp' }).types).toEqual(gone);
});

test('neither happens to a chat that is offered', () => {
  const offer = { type: 'Offer', agentId: 'a' as AgentId, expiresAtMs: 9_000, reason } as const;
  const { chat } = after(requested(), offer);
  expect(decide(chat, { type: 'Overflow', placement })).toMatchObject({ refused: 'NotAllowedInState' });
  expect(decide(chat, { type: 'GiveUp' })).toMatchObject({ refused: 'NotAllowedInState' });
});
