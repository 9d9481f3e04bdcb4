import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ContactId } from '../domain/ids.ts';
import { appended, contact, writes, type TestStore } from './journal-suite.ts';
import type { ContactRow, ContactSearch, Journal, TableWrite } from './journal.ts';
import { SampleChat, sampleAgent } from './sample-chat.ts';

/** What every journal promises of contacts. */
export function contactsSuite(name: string, makeStore: () => Promise<TestStore>): void {
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

    async function reopen(): Promise<void> {
      await journal.close();
      journal = await store.open();
    }

    describe('contacts', () => {
      test('are found by id, else by e-mail, else by phone', async () => {
        const rows = [
          contact('one', { emailAddress: 'one@example.org', phoneNumber: '+1' }),
          contact('two', { emailAddress: 'two@example.org', phoneNumber: '+2' }),
        ];
        await appended(journal, writes(...rows.map((row): TableWrite => ({ table: 'contacts', row }))));
        const [one, two] = rows;
        expect(
          await journal.findContact({ id: 'two' as ContactId, emailAddress: 'one@example.org' }),
        ).toEqual(two);
        expect(await journal.findContact({ id: 'no' as ContactId, emailAddress: 'one@example.org' })).toEqual(
          one,
        );
        expect(await journal.findContact({ emailAddress: 'two@example.org', phoneNumber: '+1' })).toEqual(
          two,
        );
        expect(await journal.findContact({ emailAddress: 'no@example.org', phoneNumber: '+1' })).toEqual(one);
        expect(await journal.findContact({ phoneNumber: '1' })).toBeNull();
        expect(await journal.findContact({})).toBeNull();
      });

      test('e-mail compares without case in any script, and is kept as written', async () => {
        const row = contact('unicode', {
          emailAddress: 'ÄRÖ.Жук@Example.ORG',
          firstName: '𝓐\u0000',
          lastName: "O'Neil",
        });
        await appended(journal, writes({ table: 'contacts', row }));
        expect(await journal.findContact({ emailAddress: 'ärö.жУК@EXAMPLE.org' })).toEqual(row);
        expect(await journal.findContact({ emailAddress: 'aro.жук@example.org' })).toBeNull();
        expect(await journal.findContact({ emailAddress: '%' })).toBeNull();
      });

      test('a later row replaces an earlier one, and its old e-mail no longer finds it', async () => {
        await appended(
          journal,
          writes({ table: 'contacts', row: contact('c', { emailAddress: 'old@example.org' }) }),
        );
        const row = contact('c', {
          emailAddress: 'new@example.org',
          lastAgentId: sampleAgent,
          lastAgentAtMs: 7,
        });
        await appended(journal, writes({ table: 'contacts', row }));
        await reopen();
        expect(await journal.findContact({ emailAddress: 'old@example.org' })).toBeNull();
        expect(await journal.findContact({ emailAddress: 'new@example.org' })).toEqual(row);
      });

      test('of several contacts with one e-mail the first stored wins', async () => {
        for (const id of ['z', 'a']) {
          const row = contact(id, { emailAddress: 'shared@example.org' });
          await appended(journal, writes({ table: 'contacts', row }));
        }
        expect(await journal.findContact({ emailAddress: 'SHARED@example.org' })).toMatchObject({ id: 'z' });
      });
    });

    describe('searching for contacts', () => {
      async function found(search: Partial<ContactSearch>): Promise<string> {
        const page = await journal.searchContacts({ sortBy: 'name', limit: 10, ...search });
        expect(page.totalCount).toBeGreaterThanOrEqual(page.contacts.length);
        return page.contacts.map(({ id }) => id).join(' ');
      }

      async function fill(): Promise<void> {
        const people: [id: string, first: string, last: string, email: string, phone: string][] = [
          ['anna', 'Anna', 'Müller', 'anna.mueller@example.org', '+49 170 123-45'],
          ['anton', 'Anton', 'Ähre', 'anton@example.com', '0170/99'],
          ['zoe', 'Zoë', "O'Neil", 'zoe.oneil@example.org', '+1 555 0100'],
        ];
        for (const [id, firstName, lastName, emailAddress, phoneNumber] of people) {
          const row = contact(id, { firstName, lastName, emailAddress, phoneNumber });
          await appended(journal, writes({ table: 'contacts', row }));
        }
      }

      test('by beginnings of the name, the address, the number or any of these', async () => {
        await fill();
        expect(await found({ name: 'an' })).toBe('anna anton');
        expect(await found({ name: 'mull anna' })).toBe('anna');
        expect(await found({ name: 'ZOE' })).toBe('zoe');
        expect(await found({ name: 'example' })).toBe('');
        expect(await found({ emailAddress: 'anna.mueller@exam' })).toBe('anna');
        expect(await found({ emailAddress: 'example.org' })).toBe('anna zoe');
        expect(await found({ phoneNumber: '+49170' })).toBe('anna');
        expect(await found({ phoneNumber: '0170-9' })).toBe('anton');
        expect(await found({ text: 'example an' })).toBe('anna anton');
        expect(await found({ name: 'an', emailAddress: 'example.com' })).toBe('anton');
      });

      test('in the order asked for, page by page, with the number of all', async () => {
        await fill();
        expect(await found({})).toBe('anna zoe anton');
        expect(await found({ descending: true })).toBe('anton zoe anna');
        expect(await found({ sortBy: 'emailAddress' })).toBe('anna anton zoe');
        expect(await found({ sortBy: 'createdAt', descending: true })).toBe('zoe anton anna');
        const page = await journal.searchContacts({ sortBy: 'name', offset: 1, limit: 1 });
        expect(page).toMatchObject({ totalCount: 3, contacts: [{ id: 'zoe' }] });
      });

      test('takes any text as words, never as a query language', async () => {
        await fill();
        for (const text of [
          '"',
          '*',
          'name:',
          "' OR xyzzy=x",
          '(anna',
          'anna" OR "zoe',
          '\u0000',
          'a'.repeat(50_000),
        ])
          for (const field of ['name', 'emailAddress', 'phoneNumber', 'text'] as const)
            expect(await found({ [field]: text }), `${field} ${text.slice(0, 20)}`).toBe(
              text === '(anna' && field !== 'phoneNumber' ? 'anna' : '',
            );
      });

      test('what is changed is found by its new details only', async () => {
        await fill();
        await appended(journal, writes({ table: 'contacts', row: contact('anna', { firstName: 'Berta' }) }));
        expect(await found({ name: 'anna' })).toBe('');
        expect(await found({ emailAddress: 'anna' })).toBe('');
        expect(await found({ name: 'berta' })).toBe('anna');
      });
    });

    describe('merging and deleting', () => {
      test('keep the chats, also of one that went on meanwhile', async () => {
        const [one, two] = ['one', 'two'].map((id) => contact(id, { emailAddress: `${id}@example.org` }));
        if (!one || !two) throw new Error('two were made');
        const ended = new SampleChat('ended', { contactId: 'two' });
        const live = new SampleChat('live', { contactId: 'two' });
        await appended(journal, writes({ table: 'contacts', row: one }, { table: 'contacts', row: two }));
        for (const entry of [ended.request(), ended.leave(), live.request()]) await appended(journal, entry);
        await appended(journal, writes({ table: 'contacts', merge: two.id, into: one.id }));
        await appended(journal, live.leave());
        for (const contactId of [one.id, two.id])
          expect(await journal.searchChats({ contactId, limit: 5 })).toMatchObject([
            { id: 'live', contactId: 'one', state: 'Closed' },
            { id: 'ended', contactId: 'one' },
          ]);
        await appended(journal, writes({ table: 'contacts', delete: one.id }));
        expect(await journal.findContact({ id: two.id, emailAddress: 'two@example.org' })).toBeNull();
        expect(await journal.searchChats({ contactId: one.id, limit: 5 })).toHaveLength(2);
      });

      test('in any order leave what a plain list of profiles has', { timeout: 60_000 }, async () => {
        await fc.assert(
          fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
            await journal.close();
            await store.remove();
            store = await makeStore();
            journal = await store.open();
            const model = new ContactModel();
            const entries = steps.map((one) => writes(...model.take(one)));
            for (const entry of entries.slice(0, -1)) journal.append(entry, () => undefined);
            const last = entries.at(-1);
            if (last) await appended(journal, last);
            for (const { id } of model.all)
              expect(await journal.findContact({ id })).toEqual(model.wholeOf(id) ?? null);
            for (const word of names) {
              const emailAddress = `${word}@example.org`;
              expect(await journal.findContact({ emailAddress })).toEqual(model.byEmail(emailAddress));
              const page = await journal.searchContacts({ name: word, sortBy: 'createdAt', limit: 100 });
              expect(page.contacts).toEqual(model.byName(word));
              expect(page.totalCount).toBe(page.contacts.length);
            }
          }),
          { numRuns: 20 },
        );
      });
    });
  });
}

const names = ['anna', 'boris', 'cleo'] as const;

type Step = { readonly kind: 'store' | 'merge' | 'delete'; readonly one: number; readonly two: number };
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('store', 'store', 'store', 'merge', 'merge', 'delete'),
  one: fc.nat(5),
  two: fc.nat(5),
});

interface Modelled {
  readonly id: ContactId;
  row: ContactRow;
  into: ContactId | null;
}

/** Profiles as a list, in the order in which they were made. */
class ContactModel {
  all: Modelled[] = [];

  take({ kind, one, two }: Step): TableWrite[] {
    const first = this.#whole(`c${one}` as ContactId);
    const second = this.#whole(`c${two}` as ContactId);
    if (kind === 'store') {
      const name = names[two % names.length];
      const id = first?.id ?? (`c${one}` as ContactId);
      const row = contact(id, { firstName: name ?? null, emailAddress: `${name}@example.org` });
      if (first) first.row = row;
      else this.all.push({ id, row, into: null });
      return [{ table: 'contacts', row }];
    }
    if (!first) return [];
    if (kind === 'delete') {
      this.all = this.all.filter(({ id, into }) => id !== first.id && into !== first.id);
      return [{ table: 'contacts', delete: first.id }];
    }
    if (!second || first === second) return [];
    for (const each of this.all) if (each === first || each.into === first.id) each.into = second.id;
    return [{ table: 'contacts', merge: first.id, into: second.id }];
  }

  #whole(contactId: ContactId): Modelled | undefined {
    const own = this.all.find(({ id }) => id === contactId);
    return own?.into ? this.#whole(own.into) : own;
  }

  wholeOf(contactId: ContactId): ContactRow | undefined {
    return this.#whole(contactId)?.row;
  }

  byEmail(emailAddress: string): ContactRow | null {
    const first = this.all.find(({ row }) => row.emailAddress === emailAddress);
    return (first && this.wholeOf(first.id)) ?? null;
  }

  byName(name: string): readonly ContactRow[] {
    return this.all.flatMap(({ id, row, into }) => {
      const parts = this.all.filter((each) => each.into === id);
      const fits = [row, ...parts.map((part) => part.row)].some(({ firstName }) => firstName === name);
      return into === null && fits ? [row] : [];
    });
  }
}
