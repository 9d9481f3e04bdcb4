import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChatId } from '../domain/ids.ts';
import { appended, writes, type TestStore } from './journal-suite.ts';
import type { DispatchRow, Journal, TableWrite } from './journal.ts';
import { SampleChat } from './sample-chat.ts';

function dispatchRow(id: string, row: Partial<DispatchRow> = {}): DispatchRow {
  const progress = { queuedAtMs: 1, dueAtMs: 2, attempts: 0, deadAtMs: null, lastFailure: null };
  const content = { receiver: 'crm', chatId: 'a chat' as ChatId, kind: 'ChatOpened', body: '{"a":"b"}' };
  return { id, ...content, ...progress, ...row };
}

function put(row: DispatchRow): TableWrite {
  return { table: 'outbox', row };
}

/** What every journal must do with what receivers outside are to be told. */
export function outboxSuite(name: string, newStore: () => Promise<TestStore>): void {
  describe(`${name}: the outbox`, () => {
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

    const waiting = () => journal.dispatches({ receiver: 'crm', state: 'Waiting', limit: 10 });

    test('keeps a row with the events it comes from, and finds it after a restart without its body', async () => {
      const chat = new SampleChat('a chat');
      const entry = chat.request();
      const row = dispatchRow('one');
      await appended(journal, { ...entry, writes: [...entry.writes, put(row)] });
      await journal.close();
      journal = await store.open();
      const { id, receiver, chatId, queuedAtMs, dueAtMs, attempts, deadAtMs } = row;
      const head = { id, receiver, chatId, queuedAtMs, dueAtMs, attempts, deadAtMs };
      expect((await journal.recover()).outbox).toEqual([head]);
      expect(await journal.dispatch('one')).toEqual(row);
      expect(await journal.dispatch('other')).toBeNull();
    });

    test('does not take a row twice, and changes or deletes the one that is named', async () => {
      await appended(journal, writes(put(dispatchRow('one')), put(dispatchRow('two'))));
      await appended(journal, writes(put(dispatchRow('one', { body: 'other' }))));
      const progress = { queuedAtMs: 5, dueAtMs: 9, attempts: 3, deadAtMs: 7, lastFailure: 'HTTP 500' };
      await appended(journal, writes({ table: 'outbox', update: 'one', progress }));
      expect(await journal.dispatch('one')).toEqual(dispatchRow('one', progress));
      await appended(
        journal,
        writes({ table: 'outbox', delete: 'one' }, { table: 'outbox', delete: 'none' }),
      );
      expect(await waiting()).toEqual([dispatchRow('two')]);
    });

    test('lists the rows of one receiver, waiting or dead, in pages, oldest first', async () => {
      const rows = ['1', '2', '3', '4'].map((id) => dispatchRow(id, { deadAtMs: id === '2' ? 7 : null }));
      await appended(journal, writes(...rows.map(put), put(dispatchRow('5', { receiver: 'other' }))));
      const ids = async (page: { state: 'Waiting' | 'Dead'; offset?: number; limit: number }) =>
        (await journal.dispatches({ receiver: 'crm', ...page })).map(({ id }) => id);
      expect(await ids({ state: 'Waiting', limit: 5000 })).toEqual(['1', '3', '4']);
      expect(await ids({ state: 'Waiting', offset: 1, limit: 1 })).toEqual(['3']);
      expect(await ids({ state: 'Dead', limit: 10 })).toEqual(['2']);
    });

    test('forgets everything of a chat at once', async () => {
      const other = dispatchRow('3', { chatId: 'other chat' as ChatId });
      await appended(journal, writes(put(dispatchRow('1')), put(dispatchRow('2')), put(other)));
      await appended(journal, writes({ table: 'outbox', deleteChat: 'a chat' as ChatId }));
      expect(await waiting()).toEqual([other]);
    });
  });
}
