import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChatId } from '../domain/ids.ts';
import { appended, writes, type TestStore } from './journal-suite.ts';
import type { Journal, RequestKeyRow, RequestOutcome, TableWrite } from './journal.ts';
import { SampleChat } from './sample-chat.ts';

function keyRow(number: number, outcome: RequestOutcome = {}): RequestKeyRow {
  return { number, digest: `digest ${number}`, fingerprint: 'of the request', outcome, atMs: number * 1000 };
}

const put = (row: RequestKeyRow): TableWrite => ({ table: 'request_keys', row });

/** What every journal must do with the requests that had an idempotency key. */
export function requestKeysSuite(name: string, newStore: () => Promise<TestStore>): void {
  describe(`${name}: requests with an idempotency key`, () => {
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

    async function found(): Promise<readonly RequestKeyRow[]> {
      await journal.close();
      journal = await store.open();
      return (await journal.recover()).requestKeys;
    }

    test('are found after a restart in the order of their numbers, each with what it has done', async () => {
      const chat = new SampleChat('a chat');
      const inChat = { chat: { id: 'a chat' as ChatId, fromSeq: 1, toSeq: 2 }, salt: 'ab' };
      const entry = chat.request();
      await appended(journal, { ...entry, writes: [...entry.writes, put(keyRow(1, inChat))] });
      await appended(journal, writes(put(keyRow(2)), put(keyRow(3, { answer: { id: [1, 'ß'] } }))));
      expect(await found()).toEqual([keyRow(1, inChat), keyRow(2), keyRow(3, { answer: { id: [1, 'ß'] } })]);
    });

    test('may come twice, and go from the oldest on', async () => {
      const again = { ...keyRow(4), digest: 'digest 3' };
      await appended(journal, writes(...[1, 2, 3].map((number) => put(keyRow(number))), put(again)));
      await appended(journal, writes({ table: 'request_keys', forgetUpTo: 2 }));
      expect(await found()).toEqual([keyRow(3), again]);
      await appended(journal, writes({ table: 'request_keys', forgetUpTo: 9 }, put(keyRow(10))));
      expect(await found()).toEqual([keyRow(10)]);
      await appended(journal, writes(put(keyRow(11)), { table: 'request_keys', forget: 10 }));
      expect(await found()).toEqual([keyRow(11)]);
    });
  });
}
