import type { ParticipantId } from '../domain/ids.ts';
import { auditHash, auditOrigin } from './audit-hash.ts';
import type { AuditRow, ContactRow, Journal, JournalEntry, TableWrite } from './journal.ts';
import { SampleChat, sampleAgent } from './sample-chat.ts';

/** The text in the closed chats that only supervisors were to read, and one that the customer said. */
export const sampleWords = { hidden: 'Geheimnis', said: 'Drucker' } as const;

function put(journal: Journal, ...writes: TableWrite[]): Promise<void> {
  return append(journal, { events: [], writes });
}

function append(journal: Journal, entry: JournalEntry): Promise<void> {
  return new Promise((resolve) => journal.append(entry, resolve));
}

function contact(id: string, row: Partial<ContactRow>): TableWrite {
  const empty = { firstName: null, lastName: null, emailAddress: null, phoneNumber: null };
  const none = { createdAtMs: 1, lastAgentId: null, lastAgentAtMs: null };
  return { table: 'contacts', row: { ...empty, ...none, ...row, id: id as ContactRow['id'] } };
}

function auditRows(count: number): readonly TableWrite[] {
  const rows: AuditRow[] = [];
  for (let number = 1; number <= count; number++) {
    const row: Omit<AuditRow, 'hash'> = {
      ...{ number, atMs: number, agentId: sampleAgent, userName: 'admin', kind: 'skill' },
      ...{ resourceId: 'Billing', before: null, after: { level: number } },
      action: 'Update',
      previousHash: rows.at(-1)?.hash ?? auditOrigin,
    };
    rows.push({ ...row, hash: auditHash(row) });
  }
  return rows.map((row) => ({ table: 'audit', row }));
}

/** Fills a store with something of everything: for tests of what reads whole stores. */
export async function fillStore(journal: Journal, closedChats = 5): Promise<void> {
  await put(
    journal,
    contact('anna', { firstName: 'Anna\0', emailAddress: 'Anna@example.org', phoneNumber: '+49 170' }),
    contact('part', { lastName: 'Müller', emailAddress: 'mueller@example.org' }),
    { table: 'contacts', merge: 'part' as ContactRow['id'], into: 'anna' as ContactRow['id'] },
    { table: 'provisioned', row: { kind: 'skill', id: 'Billing', value: { level: 3 } } },
    { table: 'agents', row: { agentId: sampleAgent, state: { state: 'Ready' } } },
    { table: 'request_keys', row: { number: 1, digest: 'd', fingerprint: 'f', outcome: {}, atMs: 5 } },
    ...auditRows(4),
  );
  for (let number = 0; number < closedChats; number++) {
    const chat = new SampleChat(`closed${number}`, { contactId: 'anna' });
    for (const entry of [
      chat.request(),
      chat.offer(),
      chat.accept(),
      chat.say(`Mein ${sampleWords.said} brennt`),
    ])
      await append(journal, entry);
    // Heard by supervisors only, as a note of a coach is.
    await append(journal, chat.whisper(sampleWords.hidden, '00000000000000A1' as ParticipantId));
    await append(journal, chat.complete());
  }
  for (const [at, id] of (['anonymised', 'deleted'] as const).entries()) {
    const chat = new SampleChat(id, { contactId: 'anna' });
    for (const entry of [chat.request(), chat.say('Vergiss das'), chat.leave()]) await append(journal, entry);
    await put(
      journal,
      at === 0 ? { table: 'chats', anonymise: chat.id } : { table: 'chats', delete: chat.id },
    );
  }
  for (const number of [0, 1]) {
    const chat = new SampleChat(`live${number}`, { contactId: 'part' });
    for (const entry of [chat.request(), chat.say('a\0b \ud800'), chat.say('noch da')])
      await append(journal, entry);
  }
}
