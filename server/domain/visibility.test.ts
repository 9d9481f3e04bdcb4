import { expect, test } from 'vitest';
import type { Visibility } from './chat-event.ts';
import { stamp } from './decide.ts';
import { carriedOut, chatId, requestedEvents } from './sample-request.ts';
import { a, b, s, watched } from './story-cast.ts';
import { maySee, narrower, sightOf } from './visibility.ts';

const widestFirst: readonly Visibility[] = ['All', 'Agents', 'Supervisors'];

test('of two visibilities the narrower holds', () => {
  for (const [at, one] of widestFirst.entries())
    for (const [otherAt, other] of widestFirst.entries())
      expect(narrower(one, other)).toBe(widestFirst[Math.max(at, otherAt)]);
});

test('a narrower visibility is seen by fewer', () => {
  const seen = (['customer', 'agent', 'supervisor'] as const).map((sight) =>
    widestFirst.filter((visibility) => maySee(sight, visibility)),
  );
  expect(seen).toEqual([['All'], ['All', 'Agents'], widestFirst]);
});

test('only who supervises this chat sees what is for its supervisors', () => {
  const { chat: requested } = stamp(null, requestedEvents(), { chatId, atMs: 0 });
  const chat = watched('Coach').reduce((before, command) => carriedOut(before, command, 1).chat, requested);
  expect([sightOf(chat, a), sightOf(chat, s), sightOf(chat, b)]).toEqual(['agent', 'supervisor', 'agent']);
});
