import { expect, test } from 'vitest';
import { customerOf, evolve, foldLog } from './chat.ts';
import { logFrom, type ChatEvent, type StoredEvent } from './chat-event.ts';
import { stamp } from './decide.ts';
import type { ParticipantId } from './ids.ts';
import { chatId, requestedEvents } from './sample-request.ts';

const participantId = 'p-customer' as ParticipantId;
const text: ChatEvent = { type: 'TextSent', participantId, visibility: 'All', text: 'one' };
const data: ChatEvent = { type: 'UserDataChanged', set: { k: 'v' }, removed: [] };
const { stored } = stamp(null, [...requestedEvents(), text, data, text, data], { chatId, atMs: 1_000 });
const [first] = stored as [StoredEvent, ...StoredEvent[]];

test('a chat begins with its request and nothing else', () => {
  expect(() => evolve(null, { ...first, event: text })).toThrow('starts with TextSent');
  expect(() => evolve(null, { ...first, seq: 2 })).toThrow('event 2 does not follow 0');
  const begun = evolve(null, first);
  expect(() => evolve(begun, { ...first, seq: 2 })).toThrow('requested twice');
  expect(() => evolve(begun, { ...first, seq: 3, event: text })).toThrow('event 3 does not follow 1');
});

test('a new chat has nothing but what its request says', () => {
  const begun = evolve(null, first);
  expect(begun).toMatchObject({
    ...{ id: chatId, seq: 1, nextIndex: 1, session: 'Open', endedAtMs: null, waiting: false },
    ...{ requestedAtMs: 1_000, waitingSinceMs: 1_000, lastSaidAtMs: 0, unansweredSinceMs: null },
    ...{ readPosition: 0, downloads: 0, lastAgentId: null, isAsync: false, stopAbandoned: 'noagents' },
    ...{ exclusions: [], alarms: [], files: [], parties: [], assignments: [], userData: {} },
    placement: { queue: '', priority: 0, ageingPerMinute: 0, skills: [] },
  });
  expect(() => customerOf(begun)).toThrow('has no customer');
});

test('a log folds to its last event, and no log to no chat', () => {
  expect(foldLog(stored)).toMatchObject({ seq: stored.length, nextIndex: 4, userData: { k: 'v' } });
  expect(foldLog([])).toBeNull();
});

test('events that make no chat cannot be stamped', () => {
  expect(() => stamp(null, [], { chatId, atMs: 0 })).toThrow('no events');
});

test('the message log is read from an index on, as far as it is looked at', () => {
  const indexes = (from: number, length?: number): readonly (number | undefined)[] =>
    logFrom(stored, from, length).map(({ index }) => index);
  expect(indexes(1)).toEqual([1, 2, 3]);
  expect(indexes(2)).toEqual([2, 3]);
  expect(indexes(4)).toEqual([]);
  // Entry 3 is the sixth event.
  expect([indexes(1, 5), indexes(1, 6), indexes(1, 0)]).toEqual([[1, 2], [1, 2, 3], []]);
  // However short, what is looked at begins with the first event.
  expect(logFrom(stored.slice(1), 1, 1).map(({ index }) => index)).toEqual([1]);
});

test('a customer who is called otherwise is the only one who is', () => {
  const joined = { ordinal: 2, type: 'Agent', nickname: 'A', visibility: 'All' } as const;
  const { chat } = stamp(
    foldLog(stored),
    [
      { type: 'ParticipantJoined', participant: { participantId: 'p-a' as ParticipantId, ...joined } },
      { type: 'NicknameUpdated', participantId, visibility: 'All', nickname: 'Q' },
    ],
    { chatId, atMs: 2_000 },
  );
  expect(chat.parties.map(({ nickname }) => nickname)).toEqual(['Q', 'A']);
});
