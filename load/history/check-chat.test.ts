import { expect, test } from 'vitest';
import { checkChat } from './check-chat.ts';
import {
  entryOfAgent,
  keyOf,
  type ChatHistory,
  type LogEntry,
  type Operation,
  type Visibility,
} from './chat-history.ts';
import { findingKinds, type FindingKind } from './finding.ts';

/** The log of a chat in which Ann asks and Bob answers; entry 6 is for agents only, entry 8 for supervisors. */
const log: readonly LogEntry[] = [
  entry(1, 'ParticipantJoined', 'Ann'),
  entry(2, 'ParticipantJoined', 'Bob'),
  entry(3, 'Text', 'Ann', 'a1'),
  entry(4, 'Text', 'Bob', 'b1'),
  entry(5, 'Text', 'Ann', 'a2'),
  entry(6, 'Text', 'Bob', 'for agents', 'Agents'),
  entry(7, 'Text', 'Ann', 'a3'),
  entry(8, 'Text', 'Sue', 'for supervisors', 'Supervisors'),
  entry(9, 'Text', 'Bob', 'b2'),
];

function entry(
  index: number,
  type: LogEntry['type'],
  nickname: string,
  text?: string,
  visibility: Visibility = 'All',
): LogEntry {
  return { index, type, nickname, text, atMs: 1_000 + index, visibility };
}

const seenBy = (...visibilities: readonly Visibility[]): LogEntry[] =>
  log.filter(({ visibility = 'All' }) => visibilities.includes(visibility));

type Draft = {
  operations: { -readonly [Key in keyof Operation]: Operation[Key] }[];
  streams: {
    observer: string;
    sight: 'customer' | 'agent' | 'supervisor';
    isOpen: boolean;
    fromIndex?: number;
    seen: { entry: LogEntry; atMs: number }[];
  }[];
  readings: (Omit<ChatHistory['readings'][number], 'entries'> & { entries: LogEntry[] })[];
};

/** Entry i was asked for at 10 i, acknowledged at 10 i + 2 and told at 10 i + 3; the whole was read at 200. */
function draft(): Draft {
  const told = (entries: readonly LogEntry[]) =>
    entries.map((one) => ({ entry: one, atMs: one.index * 10 + 3 }));
  const reading = { askedAtMs: 200, answeredAtMs: 201, fromIndex: 1 };
  return {
    operations: [
      ...log
        .filter(({ type }) => type === 'Text')
        .map((one) => ({
          saying: { type: one.type, nickname: one.nickname, text: one.text },
          visibility: one.visibility ?? 'All',
          invokedAtMs: one.index * 10,
          outcome: 'acknowledged' as const,
          endedAtMs: one.index * 10 + 2,
          index: one.index,
        })),
      operation('refused'),
      operation('unknown'),
    ],
    streams: [
      { observer: 'Ann', sight: 'customer', isOpen: true, seen: told(seenBy('All')) },
      { observer: 'Bob', sight: 'agent', isOpen: true, seen: told(seenBy('All', 'Agents')) },
      { observer: 'Sue', sight: 'supervisor', isOpen: true, seen: told(log) },
    ],
    readings: [
      { observer: 'Ann', sight: 'customer', ...reading, entries: seenBy('All') },
      { observer: 'Bob', sight: 'agent', ...reading, entries: seenBy('All', 'Agents') },
      { observer: 'Sue', sight: 'supervisor', ...reading, entries: [...log] },
    ],
  };
}

function operation(outcome: 'refused' | 'unknown'): Draft['operations'][number] {
  const saying = { type: 'Text' as const, nickname: 'Ann', text: outcome };
  return {
    saying,
    visibility: 'All',
    invokedAtMs: 80,
    outcome,
    endedAtMs: outcome === 'refused' ? 85 : Infinity,
  };
}

const chatOfKey = (key: string): string | undefined => (key.includes('other') ? 'c2' : undefined);

function kindsOf(change: (draft: Draft) => void): readonly FindingKind[] {
  const changed = draft();
  change(changed);
  return [...new Set(checkChat({ chatId: 'c1', ...changed }, chatOfKey).map(({ kind }) => kind))];
}

/** Changes every sighting of one entry, wherever it is seen. */
function everywhere({ streams, readings }: Draft, change: (entry: LogEntry) => readonly LogEntry[]): void {
  for (const stream of streams)
    stream.seen = stream.seen.flatMap(({ entry: one, atMs }) =>
      change(one).map((other) => ({ entry: other, atMs })),
    );
  for (const reading of readings) reading.entries = reading.entries.flatMap(change);
}

const at = (index: number, change: (entry: LogEntry) => readonly LogEntry[]) => (one: LogEntry) =>
  one.index === index ? change(one) : [one];
const renumbered = (numbers: Readonly<Record<number, number>>) => (one: LogEntry) => [
  { ...one, index: numbers[one.index] ?? one.index },
];
const sorted = ({ readings, streams }: Draft): void => {
  for (const { entries } of readings) entries.sort((one, other) => one.index - other.index);
  for (const { seen } of streams) seen.sort((one, other) => one.entry.index - other.entry.index);
};

test('a history of a server that keeps its word has no findings', () => {
  expect(kindsOf(() => {})).toEqual([]);
});

test('a request without an answer may have been carried out', () => {
  const late = entry(10, 'Text', 'Ann', 'unknown');
  const change = (one: LogEntry): LogEntry[] => (one.index === 9 ? [one, late] : [one]);
  expect(kindsOf((one) => everywhere(one, change))).toEqual([]);
});

test('what was acknowledged after the log was asked for may be missing in it', () => {
  expect(
    kindsOf(({ readings }) => {
      for (const reading of readings) {
        Object.assign(reading, { askedAtMs: 91, answeredAtMs: 92 });
        reading.entries = reading.entries.filter(({ index }) => index < 9);
      }
    }),
  ).toEqual([]);
});

test('a listener who came late, or went, need not have been told the rest', () => {
  expect(
    kindsOf(({ streams }) => {
      const [ann, bob] = streams;
      ann?.seen.splice(0, 3);
      bob?.seen.splice(4);
      if (bob) bob.isOpen = false;
    }),
  ).toEqual([]);
});

/** Ann's connection is lost and made anew after index 4; she asks for the rest from 5 on. */
function resumed({ streams }: Draft, seen: (rest: Draft['streams'][number]['seen']) => typeof rest): void {
  const [ann] = streams;
  if (!ann) return;
  const rest = ann.seen.splice(4);
  ann.isOpen = false;
  streams.push({ ...ann, isOpen: true, fromIndex: 5, seen: seen(rest) });
}

test('whoever is back is told what they asked for', () => {
  expect(kindsOf((one) => resumed(one, (rest) => rest))).toEqual([]);
});

test('whoever is back and has missed nothing is told nothing', () => {
  const change = (one: Draft): void => {
    const [ann] = one.streams;
    if (!ann) return;
    ann.isOpen = false;
    one.streams.push({ ...ann, isOpen: true, fromIndex: 10, seen: [] });
  };
  expect(kindsOf(change)).toEqual([]);
});

/** Bugs that a server could have, and what the checker calls them. */
const planted: readonly [string, FindingKind, (draft: Draft) => void][] = [
  [
    'an acknowledged message is not stored',
    'lost',
    (one) => {
      everywhere(
        one,
        at(9, () => []),
      );
    },
  ],
  [
    'an acknowledged message is missing in the log that one of them reads',
    'lost',
    ({ readings }) => void readings[0]?.entries.splice(3, 1),
  ],
  [
    'a message is told and gone after a crash',
    'vanished',
    (one) => {
      for (const { entries } of one.readings) entries.splice(-1);
      const last = one.operations.find(({ saying }) => saying.text === 'b2');
      if (last) Object.assign(last, { outcome: 'unknown', endedAtMs: Infinity });
    },
  ],
  [
    'a message is not pushed to the agent',
    'undelivered',
    ({ streams }) => void streams[1]?.seen.splice(4, 1),
  ],
  ['the last message is not pushed', 'undelivered', ({ streams }) => void streams[1]?.seen.splice(-1)],
  ['nothing is pushed at all', 'undelivered', ({ streams }) => void streams[0]?.seen.splice(0)],
  [
    'what was missed meanwhile is not told to whoever is back',
    'undelivered',
    (one) => resumed(one, (rest) => rest.slice(2)),
  ],
  [
    'an index is left out',
    'gap',
    (one) => {
      for (const sent of one.operations) sent.index = undefined;
      everywhere(one, renumbered({ 9: 10 }));
    },
  ],
  [
    'a message is stored twice',
    'doubled',
    (one) =>
      everywhere(
        one,
        at(9, (last) => [last, { ...last, index: 10 }]),
      ),
  ],
  [
    'an unanswered request is carried out twice',
    'doubled',
    (one) =>
      everywhere(
        one,
        at(9, (last) => [last, entry(10, 'Text', 'Ann', 'unknown'), entry(11, 'Text', 'Ann', 'unknown')]),
      ),
  ],
  [
    'a message is pushed twice',
    'deliveredTwice',
    ({ streams }) => void streams[0]?.seen.splice(2, 0, ...(streams[0]?.seen.slice(2, 3) ?? [])),
  ],
  [
    'two messages are pushed in the wrong order',
    'deliveredOutOfOrder',
    ({ streams }) => void streams[1]?.seen.splice(3, 0, ...(streams[1]?.seen.splice(5, 1) ?? [])),
  ],
  [
    'a log is answered in the wrong order',
    'deliveredOutOfOrder',
    ({ readings }) => void readings[2]?.entries.reverse(),
  ],
  [
    'two messages of one sender change places in the log',
    'orderBroken',
    (one) => {
      for (const sent of one.operations) sent.index = undefined;
      everywhere(one, renumbered({ 3: 5, 5: 3 }));
      sorted(one);
    },
  ],
  [
    'messages of two people change places in the log',
    'orderBroken',
    (one) => {
      for (const sent of one.operations) sent.index = undefined;
      everywhere(one, renumbered({ 4: 5, 5: 4 }));
      sorted(one);
    },
  ],
  [
    'an index is given to another message after a crash',
    'indexReused',
    ({ streams }) => {
      const [ann] = streams;
      if (ann) ann.seen.splice(-1, 1, { entry: entry(9, 'Text', 'Ann', 'unknown'), atMs: 110 });
    },
  ],
  [
    'a message changes its time',
    'indexReused',
    ({ readings }) => {
      const [ann] = readings;
      if (ann) ann.entries = ann.entries.map((one) => (one.index === 3 ? { ...one, atMs: 5 } : one));
    },
  ],
  [
    'an acknowledgement names another index',
    'indexMoved',
    ({ operations }) => {
      if (operations[1]) operations[1].index = 5;
    },
  ],
  [
    'a customer is told what is for agents',
    'wrongEyes',
    ({ streams }) => {
      const { visibility: _, ...untold } = log[5] as LogEntry;
      streams[0]?.seen.splice(4, 0, { entry: untold, atMs: 63 });
    },
  ],
  [
    'an agent reads what is for supervisors',
    'wrongEyes',
    ({ readings }) => void readings[1]?.entries.splice(7, 0, log[7] as LogEntry),
  ],
  [
    'a message comes into another chat',
    'wrongChat',
    (one) =>
      everywhere(
        one,
        at(9, (last) => [last, entry(10, 'Text', 'Eve', 'other')]),
      ),
  ],
  [
    'there is a message that nobody sent',
    'phantom',
    (one) =>
      everywhere(
        one,
        at(9, (last) => [last, entry(10, 'Text', 'Eve', 'hello')]),
      ),
  ],
  [
    'a text is damaged',
    'phantom',
    (one) =>
      everywhere(
        one,
        at(9, (last) => [{ ...last, text: 'b2?' }]),
      ),
  ],
  [
    'a refused message is stored',
    'refusedYetThere',
    (one) =>
      everywhere(
        one,
        at(9, (last) => [last, entry(10, 'Text', 'Ann', 'refused')]),
      ),
  ],
  [
    'a message is seen before it was sent',
    'tooEarly',
    ({ streams }) => {
      const [first] = streams[1]?.seen.slice(2, 3) ?? [];
      if (first) first.atMs = 29;
    },
  ],
];

test.each(planted)('finds that %s', (_, kind, change) => {
  expect(kindsOf(change)).toContain(kind);
});

test('every kind of finding has a planted bug', () => {
  expect(new Set(planted.map(([, kind]) => kind))).toEqual(new Set(Object.keys(findingKinds)));
});

test('an entry of either API has the same identity', () => {
  const from = { nickname: 'Ann', participantId: 'p', id: 'p', type: 'Customer', visibility: 'All' } as const;
  const message = { index: 1, type: 'Text', from, text: 'a', visibility: 'All' } as const;
  const ours = entryOfAgent({ ...message, timestamp: '', timestampSeconds: 5 });
  expect(keyOf(ours)).toBe(keyOf({ type: 'Text', nickname: 'Ann', text: 'a' }));
});
