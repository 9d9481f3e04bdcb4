import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StoredEvent } from '../../domain/chat-event.ts';
import type { Journal } from '../journal.ts';
import { fillStore, sampleWords } from '../sample-store.ts';
import type { StoredContents } from '../stored-contents.ts';
import { verifyStore } from './verify-store.ts';

/** A store whose tables can be reached past the server. */
export interface OpenableStore {
  open(): Promise<Journal>;
  contents(): Promise<StoredContents>;
  /** Runs SQL in it, also where it forbids changes. */
  sql(text: string): Promise<readonly Record<string, unknown>[]>;
  /** SQL that lets searches by agents find the chat by this word. */
  showWord(chatId: string, word: string): string;
  /** SQL that lets searches forget the chat. */
  hideWords(chatId: string): string;
  /** SQL that lets searches forget the contact. */
  hideContact(id: string): string;
  /** SQL that takes the event away from the log of a live chat. */
  dropLiveEvent(chatId: string, seq: number): Promise<string>;
  remove(): Promise<void>;
}

type Change = (events: StoredEvent[]) => void;

/** What `parley verify` must find in every store. */
export function verifySuite(name: string, makeStore: () => Promise<OpenableStore>): void {
  describe(`verifying ${name}`, () => {
    let store: OpenableStore;

    beforeEach(async () => {
      store = await makeStore();
      const journal = await store.open();
      await fillStore(journal);
      await journal.close();
    });
    afterEach(() => store.remove());

    async function problems(): Promise<readonly string[]> {
      const contents = await store.contents();
      const found: string[] = [];
      try {
        const report = await verifyStore(contents, { onProblem: (problem) => found.push(problem) });
        expect(report.problems).toBe(found.length);
        return found;
      } finally {
        await contents.close();
      }
    }

    function literal(text: string): string {
      return `'${text.replaceAll("'", "''")}'`;
    }

    /** Changes the archived log of a chat. */
    async function spoil(chatId: string, change: Change): Promise<void> {
      const [row] = await store.sql(`SELECT events FROM archive WHERE chat_id = ${literal(chatId)}`);
      const events = JSON.parse(String(row?.['events'])) as StoredEvent[];
      change(events);
      await store.sql(
        `UPDATE archive SET events = ${literal(JSON.stringify(events))} WHERE chat_id = ${literal(chatId)}`,
      );
    }

    test('finds nothing wrong with what a server wrote, while it runs or not', async () => {
      expect(await problems()).toEqual([]);
      const journal = await store.open();
      expect(await problems()).toEqual([]);
      await journal.close();
      const contents = await store.contents();
      expect(await verifyStore(contents, { onProblem: (problem) => expect.fail(problem) })).toMatchObject({
        liveChats: 2,
        closedChats: 6,
        contacts: 2,
        auditRows: 4,
        problems: 0,
      });
      await contents.close();
    });

    const logs: readonly (readonly [kind: string, change: Change, found: RegExp])[] = [
      ['an event is missing', (events) => void events.splice(3, 1), /^chat closed1: event 4 has the seq 5$/m],
      [
        'an event is there twice',
        (events) => void events.splice(3, 0, ...events.slice(3, 4)),
        /event 5 has the seq 4/,
      ],
      [
        'an index is skipped',
        (events) =>
          events.forEach((stored, at) => {
            if (at > 5 && stored.index !== undefined) events[at] = { ...stored, index: stored.index + 1 };
          }),
        /has the index \d+, and \d+ is the next/,
      ],
      [
        'an event has no index',
        (events) => {
          const at = events.findIndex(({ event }) => event.type === 'TextSent');
          const { index: _index, ...rest } = events[at] as StoredEvent;
          events[at] = rest;
        },
        /\(TextSent\) has no index/,
      ],
      [
        'an event is of another chat',
        (events) =>
          void (events[2] = { ...(events[2] as StoredEvent), chatId: 'x' as StoredEvent['chatId'] }),
        /event 3 is of chat x/,
      ],
      [
        'an event is of no known type',
        (events) =>
          void (events[4] = { ...(events[4] as StoredEvent), event: { type: 'Nonsense' } as never }),
        /event 5 .*(cannot follow|index)/,
      ],
      [
        'the beginning is missing',
        (events) => void events.splice(0, 1),
        /event 1 (cannot follow|has the seq 2)/,
      ],
      [
        'the end is missing',
        (events) => void events.splice(-2),
        /archived and is not over|events stand behind its log/,
      ],
      [
        'something stands behind the end',
        (events) => {
          const last = events.at(-1) as StoredEvent;
          events.push({ ...last, seq: last.seq + 1, event: { type: 'AlarmRaised', alarm: 'Idle' } });
        },
        /stands behind the end of the chat/,
      ],
    ];

    test.each(logs)('finds that %s', async (_kind, change, found) => {
      await spoil('closed1', change);
      const all = await problems();
      expect(all.join('\n')).toMatch(found);
      expect(all.every((problem) => problem.startsWith('chat closed1: '))).toBe(true);
    });

    const rows: readonly (readonly [kind: string, sql: string, found: RegExp])[] = [
      [
        'a log is no JSON',
        "UPDATE archive SET events = '[{' WHERE chat_id = 'closed2'",
        /closed2: its log is not a list/,
      ],
      [
        'a log is gone',
        "DELETE FROM archive WHERE chat_id = 'closed2'",
        /closed2: .*(has no log|over and not archived)/,
      ],
      [
        'a chat is not listed',
        "DELETE FROM chats WHERE id = 'closed2'",
        /closed2: .*is not in the list of chats/,
      ],
      [
        'a list shows something else',
        "UPDATE chats SET state = 'Waiting' WHERE id = 'closed2'",
        /its state is "Waiting" in the list of chats and "Closed" by its log/,
      ],
      [
        'an agent does not find a chat',
        'DELETE FROM chat_agents WHERE number = (SELECT min(number) FROM chats)',
        /a search for agent .* does not find it/,
      ],
      [
        'an agent finds a chat of others',
        "INSERT INTO chat_agents (agent_id, number) SELECT 'somebody', min(number) FROM chats",
        /agent somebody finds it, who was not in it/,
      ],
      [
        'the audit was changed',
        "UPDATE audit SET user_name = 'nobody' WHERE number = 2",
        /^audit: row 2 was changed$/m,
      ],
      [
        'a row of the audit was taken out',
        'DELETE FROM audit WHERE number = 2',
        /^audit: row 2 is missing$/m,
      ],
      [
        'a contact was merged into nobody',
        "UPDATE contacts SET merged_into = 'nobody' WHERE id = 'part'",
        /^contact part: was merged into one that is not there$/m,
      ],
      [
        'a contact is not found by its address',
        "UPDATE contacts SET email_key = 'x' WHERE id = 'anna'",
        /^contact anna: is not found by its e-mail address$/m,
      ],
      ['a state is no JSON', "UPDATE agents SET state = '{'", /^agents .*: its state is not JSON$/m],
    ];

    test.each(rows)('finds that %s', async (_kind, sql, found) => {
      await store.sql(sql);
      expect((await problems()).join('\n')).toMatch(found);
    });

    test('finds that searches do not agree with what was written', async () => {
      await store.sql(store.hideWords('closed0'));
      await store.sql(store.showWord('closed1', sampleWords.hidden));
      await store.sql(store.hideContact('anna'));
      expect(await problems()).toEqual([
        'chat closed0: a search for its words does not find it',
        "chat closed0: a supervisor's search for words to supervisors does not find it",
        "chat closed1: an agent's search finds it by words to supervisors",
        'contact anna: no search finds it',
      ]);
    });

    test('finds a gap in the log of a live chat', async () => {
      await store.sql(await store.dropLiveEvent('live1', 3));
      expect((await problems()).join('\n')).toMatch(/^chat live1: event 3 has the seq 4$/m);
    });
  });
}
