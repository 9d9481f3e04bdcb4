import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StoredEvent, Visibility } from '../domain/chat-event.ts';
import type { AgentId, ChatId, ContactId, ParticipantId } from '../domain/ids.ts';
import { appended, writes, type TestStore } from './journal-suite.ts';
import type { ChatRow, ChatSearch, Journal, TableWrite } from './journal.ts';
import { SampleChat, sampleAgent } from './sample-chat.ts';

const hostileTexts = [
  '',
  '"',
  '""',
  "'; DROP TABLE chats; --",
  'AND',
  'NOT hello',
  'hello OR',
  'NEAR(a b, 5)',
  'text:hello',
  'hel*',
  '^hello',
  '(hello',
  'hello + world',
  '{a b}: c',
  '- -',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '👍',
  '\u0301',
  '\ufffe',
  'x'.repeat(100_000),
  'a '.repeat(10_000),
];

/** What every journal promises of the search for chats. */
export function chatSearchSuite(name: string, makeStore: () => Promise<TestStore>): void {
  describe(name, () => {
    let store: TestStore;
    let journal: Journal;

    beforeEach(async () => {
      store = await makeStore();
      journal = await store.open();
    });

    afterEach(async () => {
      await journal.close();
      await store.remove();
    });

    describe('searching', () => {
      const other = 'b'.repeat(32) as AgentId;

      /** Three closed chats and a live one, each a minute after the one before. */
      async function fill(): Promise<void> {
        const texts = ['the printer burns', 'the printer sings', 'Die Größe zählt', 'a live printer'];
        for (const [number, text] of texts.entries()) {
          const contactId = number % 2 === 0 ? 'even' : 'odd';
          const chat = new SampleChat(`chat${number}`, { contactId, startMs: 60_000 * (number + 1) });
          const agentId = number === 1 ? other : sampleAgent;
          const life = [chat.request(), chat.say(text), chat.offer(agentId), chat.accept(agentId)];
          if (number < 3) life.push(chat.complete(agentId));
          for (const entry of life) await appended(journal, entry);
        }
      }

      async function found(search: Omit<Parameters<Journal['searchChats']>[0], 'limit'>): Promise<string> {
        return (await journal.searchChats({ ...search, limit: 10 })).map((row) => row.id.slice(4)).join(' ');
      }

      test('finds by contact, agent and words, newest first, all conditions together', async () => {
        await fill();
        const [even, odd] = ['even', 'odd'] as ContactId[] as [ContactId, ContactId];
        expect(await found({})).toBe('3 2 1 0');
        expect(await found({ contactId: even })).toBe('2 0');
        expect(await found({ agentId: sampleAgent })).toBe('3 2 0');
        expect(await found({ text: 'printer' })).toBe('1 0');
        expect(await found({ text: 'sings PRINTER' })).toBe('1');
        expect(await found({ text: 'printer accordion' })).toBe('');
        expect(await found({ text: 'grosse' })).toBe('');
        expect(await found({ text: 'größe' })).toBe('2');
        expect(await found({ agentId: other, text: 'printer' })).toBe('1');
        expect(await found({ contactId: odd, text: 'printer' })).toBe('1');
        expect(await found({ contactId: odd, agentId: sampleAgent })).toBe('3');
        expect(await found({ contactId: even, agentId: sampleAgent, text: 'the' })).toBe('0');
      });

      test('gives no more than the limit', async () => {
        await fill();
        expect((await journal.searchChats({ limit: 2 })).map((row) => row.id)).toEqual(['chat3', 'chat2']);
        expect((await journal.searchChats({ limit: 1, text: 'printer' })).map((row) => row.id)).toEqual([
          'chat1',
        ]);
      });

      test('a row tells the whole life', async () => {
        const chat = new SampleChat('whole', { contactId: 'c', startMs: 5_000 });
        for (const entry of [chat.request(), chat.offer(), chat.accept(), chat.complete()])
          await appended(journal, entry);
        expect(await journal.searchChats({ limit: 1 })).toEqual([
          {
            id: 'whole',
            service: 'customer-support',
            queue: 'support',
            contactId: 'c',
            customerName: 'Anna',
            subject: 'a question',
            state: 'Closed',
            requestedAtMs: 5_001,
            endedAtMs: 5_004,
            agentIds: [sampleAgent],
            disposition: null,
            lastSeq: chat.chat.seq,
          },
        ]);
      });

      test('takes any text as words, never as a query language', async () => {
        await fill();
        for (const text of hostileTexts) {
          const rows = await journal.searchChats({ text, limit: 10 });
          expect(rows, JSON.stringify(text.slice(0, 40))).toEqual([]);
        }
        expect(await found({ text: '"the" (printer)*' })).toBe('1 0');
        await fc.assert(
          fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
            expect(await journal.searchChats({ text, limit: 1 })).toBeInstanceOf(Array);
          }),
          { numRuns: 100 },
        );
      });
    });

    describe('any conditions together', () => {
      test('find what a plain filter finds, in the same order', { timeout: 60_000 }, async () => {
        await fc.assert(
          fc.asyncProperty(fc.array(sampleRow, { maxLength: 40 }), searches, async (samples, search) => {
            await journal.close();
            await store.remove();
            store = await makeStore();
            journal = await store.open();
            await appended(journal, writes(...samples.flatMap(writesOf)));
            for (const one of search) {
              const rows = await journal.searchChats(one);
              expect(rows.map(({ id }) => id)).toEqual(filtered(samples, one));
            }
          }),
          { numRuns: 25 },
        );
      });

      test('pages that go on after a chat neither repeat nor skip one while chats come in', async () => {
        const row = (number: number): TableWrite[] =>
          writesOf({ ...plainSample, queue: number % 2 === 0 ? 'even' : 'odd' }, number);
        await appended(journal, writes(...Array.from({ length: 50 }, (_, number) => row(number)).flat()));
        const read: string[] = [];
        for (let page = 0; ; page += 1) {
          const last = read.at(-1) as ChatId | undefined;
          const search = { queue: 'even', limit: 7, ...(last === undefined ? {} : { after: last }) };
          const rows = await journal.searchChats(search);
          read.push(...rows.map(({ id }) => id));
          if (rows.length === 0) break;
          await appended(journal, writes(...row(100 + 2 * page)));
        }
        expect(read).toEqual(Array.from({ length: 25 }, (_, number) => `chat${48 - 2 * number}`));
        expect(await journal.searchChats({ after: 'nobody' as ChatId, limit: 5 })).toEqual([]);
      });
    });
  });
}

const words = ['apple', 'pear', 'plum'] as const;
const choice = <Value>(...values: Value[]): fc.Arbitrary<Value> => fc.constantFrom(...values);

interface Sample {
  readonly queue: string;
  readonly service: string;
  readonly contact: string;
  readonly state: ChatRow['state'];
  readonly disposition: string | null;
  readonly agents: readonly string[];
  readonly said: readonly string[];
  readonly toSupervisors: readonly string[];
}

const plainSample: Sample = {
  queue: 'support',
  service: 'customer-support',
  contact: 'one',
  state: 'Closed',
  disposition: null,
  agents: [],
  said: [],
  toSupervisors: [],
};

const sampleRow: fc.Arbitrary<Sample> = fc.record({
  queue: choice('sales', 'support'),
  service: choice('shop', 'help'),
  contact: choice('one', 'two'),
  state: choice<ChatRow['state']>('Waiting', 'Chatting', 'Ended', 'Closed', 'Closed', 'Closed'),
  disposition: choice(null, 'Solved', 'Lost'),
  agents: fc.uniqueArray(choice('a', 'b', 'c'), { maxLength: 3 }),
  said: fc.array(choice(...words), { maxLength: 4 }),
  toSupervisors: fc.array(choice(...words), { maxLength: 2 }),
});

const anySearch = fc.record({
  queue: choice('sales', 'support', 'none'),
  service: choice('shop', 'help'),
  contactId: choice('one', 'two') as fc.Arbitrary<ContactId>,
  agentId: choice('a', 'b') as fc.Arbitrary<AgentId>,
  disposition: choice('Solved', 'Lost'),
  states: fc.uniqueArray(choice<ChatRow['state']>('Waiting', 'Chatting', 'Ended', 'Closed'), {
    minLength: 1,
  }),
  text: choice('apple', 'pear', 'apple pear'),
  seesSupervisors: fc.boolean(),
  fromMs: fc.nat(45_000),
  toMs: fc.nat(45_000),
  order: choice<'Newest' | 'Oldest'>('Newest', 'Oldest'),
  offset: fc.nat(3),
  limit: choice(2, 100),
});

const conditionNames = [
  ...(['queue', 'service', 'contactId', 'agentId', 'disposition', 'states'] as const),
  ...(['text', 'fromMs', 'toMs', 'order', 'offset'] as const),
] satisfies (keyof ChatSearch)[];

/** A few conditions each, for with all of them at once nothing would be found. */
const searches: fc.Arbitrary<ChatSearch[]> = fc.array(
  fc.tuple(anySearch, fc.subarray(conditionNames, { maxLength: 3 })).map(([search, names]) => ({
    limit: search.limit,
    seesSupervisors: search.seesSupervisors,
    ...Object.fromEntries(names.map((name) => [name, search[name]])),
  })),
  { minLength: 4, maxLength: 12 },
);

/** Chats come one a second. */
function writesOf(sample: Sample, number: number): TableWrite[] {
  const { contact, agents, said, toSupervisors, ...rest } = sample;
  const id = `chat${number}` as ChatId;
  const row: ChatRow = {
    ...rest,
    id,
    contactId: contact as ContactId,
    customerName: 'Anna',
    subject: null,
    requestedAtMs: number * 1000,
    endedAtMs: null,
    agentIds: agents as readonly AgentId[],
    lastSeq: 1,
  };
  const text = (visibility: Visibility, at: number) => (word: string, index: number) =>
    ({
      chatId: id,
      seq: at + index,
      atMs: number * 1000,
      event: { type: 'TextSent', participantId: 'P' as ParticipantId, text: word, visibility },
    }) as const satisfies StoredEvent;
  const events = [...said.map(text('Agents', 1)), ...toSupervisors.map(text('Supervisors', 100))];
  return [
    { table: 'chats', row },
    ...(sample.state === 'Closed' ? [{ table: 'archive', chatId: id, events } as const] : []),
  ];
}

function filtered(samples: readonly Sample[], search: ChatSearch): readonly string[] {
  const { queue, service, contactId, agentId, disposition, states, text, fromMs, toMs } = search;
  const found = samples.flatMap((sample, number) => {
    const heard = new Set([...sample.said, ...(search.seesSupervisors ? sample.toSupervisors : [])]);
    const fits =
      (queue === undefined || sample.queue === queue) &&
      (service === undefined || sample.service === service) &&
      (contactId === undefined || sample.contact === contactId) &&
      (agentId === undefined || sample.agents.includes(agentId)) &&
      (disposition === undefined || sample.disposition === disposition) &&
      (states === undefined || states.includes(sample.state)) &&
      (text === undefined ||
        (sample.state === 'Closed' && text.split(' ').every((word) => heard.has(word)))) &&
      (fromMs === undefined || number * 1000 >= fromMs) &&
      (toMs === undefined || number * 1000 < toMs);
    return fits ? [`chat${number}`] : [];
  });
  if (search.order !== 'Oldest') found.reverse();
  const { offset = 0, limit } = search;
  return found.slice(offset, offset + limit);
}
