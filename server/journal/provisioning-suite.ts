import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appended, type TestStore } from './journal-suite.ts';
import type { AuditRow, Journal } from './journal.ts';
import { sampleAgent } from './sample-chat.ts';

export function auditRow(number: number): AuditRow {
  return {
    number,
    atMs: number * 1000,
    agentId: sampleAgent,
    userName: 'admin',
    action: 'Update',
    kind: 'skill',
    resourceId: 'Billing',
    before: { level: number },
    after: null,
    previousHash: `hash ${number - 1}`,
    hash: `hash ${number}`,
  };
}

/** What every journal must do with changes of the set-up, the audit and the use of standard responses. */
export function provisioningSuite(name: string, newStore: () => Promise<TestStore>): void {
  describe(`${name}: changes of the set-up`, () => {
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

    test('are found after a restart, the last one for each id, with null for what was deleted', async () => {
      const row = (id: string, value: unknown) =>
        ({ table: 'provisioned', row: { kind: 'k', id, value } }) as const;
      await appended(journal, { events: [], writes: [row('a', { n: 1 }), row('b', 'x')] });
      await appended(journal, { events: [], writes: [row('a', { n: 2 }), row('b', null)] });
      await journal.close();
      journal = await store.open();
      expect((await journal.recover()).provisioned).toEqual([
        { kind: 'k', id: 'a', value: { n: 2 } },
        { kind: 'k', id: 'b', value: null },
      ]);
    });

    test('leave rows in the audit that are read in pages, and the newest at start', async () => {
      expect((await journal.recover()).lastAudit).toBeNull();
      const writes = [1, 2, 3].map((number) => ({ table: 'audit', row: auditRow(number) }) as const);
      await appended(journal, { events: [], writes });
      expect(await journal.auditRows({ after: 0, limit: 2 })).toEqual([auditRow(1), auditRow(2)]);
      expect(await journal.auditRows({ after: 2, limit: 5000 })).toEqual([auditRow(3)]);
      expect((await journal.recover()).lastAudit).toEqual(auditRow(3));
    });

    test('count the uses of a standard response by type', async () => {
      const use = (responseId: string, responseType: string) =>
        ({
          table: 'response_usage',
          row: { responseId, responseType, interactionId: null, agentId: sampleAgent, atMs: 1 },
        }) as const;
      const writes = [use('r', 'Chosen'), use('r', 'Chosen'), use('r', 'Ignored'), use('other', 'Chosen')];
      await appended(journal, { events: [], writes });
      expect(await journal.responseUsage('r')).toEqual({ Chosen: 2, Ignored: 1 });
      expect(await journal.responseUsage('unknown')).toEqual({});
    });
  });
}
