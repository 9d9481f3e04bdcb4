import { expect, test } from 'vitest';
import { entryOfCustomer, type LogEntry, type Operation, type Sight } from './chat-history.ts';
import { checkChat } from './check-chat.ts';
import type { FindingKind } from './finding.ts';

// An agent who is gone is taken out of their chats by the server: that is not what they asked for when they completed.

const bobs = 'Bob 1';

/** Bob is gone after his text, and Eve takes over; the customer is told whose doing that was, agents are not. */
const log: readonly LogEntry[] = [
  { index: 1, type: 'ParticipantJoined', nickname: 'Ann', atMs: 1_001 },
  { index: 2, type: 'ParticipantJoined', nickname: bobs, atMs: 1_002 },
  { index: 3, type: 'Text', nickname: bobs, text: 'b1', atMs: 1_003 },
  { index: 4, type: 'ParticipantLeft', nickname: bobs, atMs: 1_004, isRemoval: true },
  { index: 5, type: 'ParticipantJoined', nickname: 'Eve', atMs: 1_005 },
  { index: 6, type: 'Text', nickname: 'Eve', text: 'e1', atMs: 1_006 },
];

const untold = (entries: readonly LogEntry[]): LogEntry[] =>
  entries.map((entry) => ({ ...entry, isRemoval: undefined }));

interface Draft {
  entries: LogEntry[];
  /** How Bob's completing ended, and when it was sent; entry i is seen at 10 i. */
  outcome: Operation['outcome'] | 'never sent';
  invokedAtMs: number;
  /** What the agents' logs say of the leaving. */
  agents: (entries: readonly LogEntry[]) => LogEntry[];
}

function kindsOf(change: Partial<Draft>): readonly FindingKind[] {
  const draft: Draft = { entries: [...log], outcome: 'refused', invokedAtMs: 90, agents: untold, ...change };
  const { entries, outcome, invokedAtMs } = draft;
  const operation = (saying: Operation['saying'], at: number, end: Operation['outcome']): Operation => ({
    ...{ saying, visibility: 'All', invokedAtMs: at, outcome: end },
    endedAtMs: end === 'unknown' ? Infinity : at + 2,
  });
  const leaving = { type: 'ParticipantLeft', nickname: bobs } as const;
  const reading = (observer: string, sight: Sight, read: readonly LogEntry[]) => ({
    ...{ observer, sight, askedAtMs: 200, answeredAtMs: 201, fromIndex: 1, entries: read },
  });
  const history = {
    chatId: 'c1',
    operations: [
      operation({ type: 'Text', nickname: bobs, text: 'b1' }, 25, 'acknowledged'),
      operation({ type: 'Text', nickname: 'Eve', text: 'e1' }, 55, 'acknowledged'),
      ...(outcome === 'never sent' ? [] : [operation(leaving, invokedAtMs, outcome)]),
    ],
    streams: [
      {
        ...{ observer: 'Eve', sight: 'agent' as const, isOpen: false, fromIndex: 1 },
        seen: draft.agents(entries).map((entry) => ({ entry, atMs: entry.index * 10 })),
      },
    ],
    readings: [reading('Ann', 'customer', entries), reading('Eve', 'agent', draft.agents(entries))],
  };
  return [...new Set(checkChat(history).map(({ kind }) => kind))];
}

const own = log.map((entry) => (entry.index === 4 ? { ...entry, isRemoval: false } : entry));

test.each(['refused', 'unknown', 'never sent'] as const)(
  'an agent is taken out by the server; their own completing was %s',
  (outcome) => expect(kindsOf({ outcome })).toEqual([]),
);

test('an agent completes, and leaves by it', () => {
  expect(kindsOf({ entries: own, outcome: 'acknowledged', invokedAtMs: 35 })).toEqual([]);
});

test('whoever was taken out may come again', () => {
  const again: LogEntry = { index: 7, type: 'ParticipantJoined', nickname: bobs, atMs: 1_007 };
  const left: LogEntry = { ...again, index: 8, type: 'ParticipantLeft', isRemoval: true };
  expect(kindsOf({ entries: [...log, again, left] })).toEqual([]);
});

/** Bugs that a server could have, and what the checker calls them. */
const planted: readonly [string, FindingKind, Partial<Draft>][] = [
  [
    'a completing is acknowledged and not carried out, and the agent is gone later',
    'lost',
    { outcome: 'acknowledged', invokedAtMs: 35 },
  ],
  ['a refused completing is carried out', 'refusedYetThere', { entries: own }],
  ['an agent completes before they ask to', 'tooEarly', { entries: own, outcome: 'acknowledged' }],
  [
    'an agent is taken out twice',
    'doubled',
    {
      entries: [...log, { index: 7, type: 'ParticipantLeft', nickname: bobs, atMs: 1_007, isRemoval: true }],
    },
  ],
  [
    'an agent who has completed is taken out as well',
    'doubled',
    {
      entries: [...own, { index: 7, type: 'ParticipantLeft', nickname: bobs, atMs: 1_007, isRemoval: true }],
      ...{ outcome: 'acknowledged', invokedAtMs: 35 },
    },
  ],
  ['it is told in two ways', 'indexReused', { agents: () => own }],
  ['nobody says whose doing it was', 'refusedYetThere', { entries: untold(log) }],
];

test.each(planted)('finds that %s', (_, kind, change) => {
  expect(kindsOf(change)).toContain(kind);
});

test('the customer API says which leaves were not asked for', () => {
  const from = { nickname: bobs, participantId: 2, type: 'Agent' } as const;
  const left = { index: 4, type: 'ParticipantLeft', from, utcTime: 5, userData: {} } as const;
  const coded = (code: string) => ({ GCTI_SYSTEM: { 'quit-reason-code': code } });
  expect(entryOfCustomer({ ...left, eventAttributes: coded('5') }).isRemoval).toBe(true);
  expect(entryOfCustomer({ ...left, eventAttributes: {} }).isRemoval).toBe(false);
  expect(entryOfCustomer({ ...left, type: 'ParticipantJoined', eventAttributes: {} })).not.toHaveProperty(
    'isRemoval',
  );
});
