import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChatId, ContactId } from '../domain/ids.ts';
import { appended, contact, writes, type TestStore } from './journal-suite.ts';
import type { Journal } from './journal.ts';
import { SampleChat } from './sample-chat.ts';

/** What every journal must do for retention and for erasing a person. */
export function forgettingSuite(name: string, newStore: () => Promise<TestStore>): void {
  describe(`${name}: forgetting`, () => {
    let store: TestStore;
    let journal: Journal;

    beforeEach(async () => {
      store = await newStore();
      journal = await store.open();
    });
    afterEach(async () => {
      await journal.close();
      await store.remove();
    });

    async function play(id: string, startMs: number, says: string): Promise<SampleChat> {
      const chat = new SampleChat(id, { contactId: 'the contact', startMs });
      const steps = [() => chat.request(), () => chat.offer(), () => chat.accept(), () => chat.say(says)];
      for (const step of [...steps, () => chat.leave(), () => chat.complete()])
        await appended(journal, step());
      return chat;
    }

    const ids = async (search: object = {}): Promise<readonly ChatId[]> =>
      (await journal.searchChats({ limit: 100, order: 'Oldest', ...search })).map((row) => row.id);

    test('a chat that is deleted is in no list, no search and no log, and others stay', async () => {
      await play('one', 1000, 'lighthouse keeper');
      const other = await play('two', 2000, 'lighthouse lamp');
      await appended(journal, writes({ table: 'chats', delete: 'one' as ChatId }));
      for (let turn = 0; turn < 2; turn += 1) {
        expect(await ids()).toEqual(['two']);
        expect(await ids({ text: 'lighthouse' })).toEqual(['two']);
        expect(await ids({ text: 'keeper' })).toEqual([]);
        expect(await ids({ agentId: other.chat.assignments[0]?.agentId })).toEqual(['two']);
        expect(await journal.chatEvents('one' as ChatId)).toEqual([]);
        expect(await journal.chatEvents('two' as ChatId)).toEqual(other.events);
        expect([...(await journal.recover()).liveChats.keys()]).toEqual([]);
        await journal.close();
        journal = await store.open();
      }
    });

    test('of a chat that is anonymised the row is left, without the person', async () => {
      await play('one', 1000, 'lighthouse keeper');
      const [before] = await journal.searchChats({ limit: 1 });
      await appended(journal, writes({ table: 'chats', anonymise: 'one' as ChatId }));
      const after = { ...before, contactId: '', customerName: '', subject: null };
      for (let turn = 0; turn < 2; turn += 1) {
        expect(await journal.searchChats({ limit: 10 })).toEqual([after]);
        expect(await ids({ text: 'lighthouse' })).toEqual([]);
        expect(await ids({ contactId: 'the contact' as ContactId })).toEqual([]);
        expect(await journal.chatEvents('one' as ChatId)).toEqual([]);
        await journal.close();
        journal = await store.open();
      }
    });

    test('a chat that goes on, and one that nobody knows, are left alone; done twice is as done once', async () => {
      const live = new SampleChat('live');
      await appended(journal, live.request());
      await play('one', 1000, 'lighthouse');
      const all = [live.id, 'unknown' as ChatId, 'one' as ChatId, 'one' as ChatId];
      for (const chatId of all) await appended(journal, writes({ table: 'chats', delete: chatId }));
      for (const chatId of all) await appended(journal, writes({ table: 'chats', anonymise: chatId }));
      expect(await ids()).toEqual(['live']);
      await appended(journal, live.say('still there'));
      await journal.close();
      journal = await store.open();
      expect((await journal.recover()).liveChats.get(live.id)).toEqual(live.events);
    });

    test('chats expire by service and by the time of their end, the oldest first', async () => {
      for (const [id, startMs] of [
        ['late', 9000],
        ['first', 1000],
        ['second', 2000],
      ] as const)
        await play(id, startMs, 'hello');
      await appended(journal, new SampleChat('live', { startMs: 1 }).request());
      const expired = (limit: number, endedBeforeMs = 5000) =>
        journal.expiredChats({ service: 'customer-support', endedBeforeMs, limit });
      expect(await expired(10)).toEqual(['first', 'second']);
      expect(await expired(1)).toEqual(['first']);
      expect(await expired(10, 1000)).toEqual([]);
      expect(await journal.expiredChats({ service: 'sales', endedBeforeMs: 5000, limit: 10 })).toEqual([]);
      await appended(journal, writes({ table: 'chats', anonymise: 'first' as ChatId }));
      await appended(journal, writes({ table: 'chats', delete: 'second' as ChatId }));
      expect(await expired(10)).toEqual([]);
    });

    test('a person is all profiles of a detail and what was merged with them', async () => {
      const emailAddress = 'Ann@Example.com';
      const rows = [
        contact('a', { emailAddress, phoneNumber: '1' }),
        contact('b', { phoneNumber: '2' }),
        contact('c', { emailAddress: 'ann@example.com' }),
        contact('d', { emailAddress: 'other@example.com' }),
      ];
      await appended(journal, writes(...rows.map((row) => ({ table: 'contacts', row }) as const)));
      await appended(journal, writes({ table: 'contacts', merge: rows[1]!.id, into: rows[0]!.id }));
      const found = async (key: Parameters<Journal['profilesOf']>[0]) =>
        (await journal.profilesOf(key)).map(({ id, mergedInto }) => [id, mergedInto]);
      const family = [
        ['a', null],
        ['b', 'a'],
      ];
      expect(await found({ phoneNumber: '2' })).toEqual(family);
      expect(await found({ id: 'b' as ContactId })).toEqual(family);
      expect(await found({ emailAddress: 'ANN@example.com' })).toEqual([...family, ['c', null]]);
      expect(await found({ emailAddress: 'nobody@example.com' })).toEqual([]);
      expect(await found({})).toEqual([]);
    });

    test('profiles without a chat are found, the old ones only', async () => {
      const chat = await play('one', 1000, 'hello');
      const rows = [
        contact(chat.contactId),
        contact('old', { createdAtMs: 10 }),
        contact('new', { createdAtMs: 100 }),
        contact('merged', { createdAtMs: 10 }),
      ];
      await appended(journal, writes(...rows.map((row) => ({ table: 'contacts', row }) as const)));
      await appended(journal, writes({ table: 'contacts', merge: rows[3]!.id, into: rows[2]!.id }));
      const page = { createdBeforeMs: 50, after: 0 };
      expect(await journal.unusedContacts(page)).toEqual({ contactIds: ['old'], next: null });
    });

    test('a contact that is deleted or changed is not found by its old words', async () => {
      const row = contact('a', {
        firstName: 'Lighthouse',
        emailAddress: 'ann@example.com',
        phoneNumber: '+49 30 1',
      });
      await appended(journal, writes({ table: 'contacts', row }));
      const byText = async (text: string) =>
        (await journal.searchContacts({ text, sortBy: 'name', limit: 10 })).contacts.map(({ id }) => id);
      await appended(journal, writes({ table: 'contacts', row: { ...row, firstName: 'Lamp' } }));
      expect([await byText('lighthouse'), await byText('lamp')]).toEqual([[], ['a']]);
      await appended(journal, writes({ table: 'contacts', delete: row.id }));
      expect([await byText('lamp'), await byText('ann'), await byText('4930')]).toEqual([[], [], []]);
    });
  });
}
