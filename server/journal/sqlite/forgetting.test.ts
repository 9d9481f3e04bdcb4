import { readdir, readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ContactId } from '../../domain/ids.ts';
import { createChatMask } from '../../masking/chat-mask.ts';
import { appended, contact, writes } from '../journal-suite.ts';
import type { Journal, TableWrite } from '../journal.ts';
import { SampleChat } from '../sample-chat.ts';
import { backUp } from './back-up.ts';
import type { SqliteLimits } from './limits.ts';
import { openSqliteJournal } from './open.ts';

const secret = 'Xylophonist4711';
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-forgetting-'));
});
afterEach(() => rm(folder, { recursive: true }));

function open(limits: Partial<SqliteLimits> = {}): Promise<Journal> {
  return openSqliteJournal({
    path: join(folder, 'parley.db'),
    limits: { maxWalPages: 200, ...limits },
    onFatal: (error) => {
      throw error;
    },
  });
}

/** The files in which the word stands, whole or as an index cuts it, in whichever case. */
async function filesWith(word = secret): Promise<readonly string[]> {
  const names = await readdir(folder);
  const found = await Promise.all(
    names.map(async (name) => {
      const text = (await readFile(join(folder, name))).toString('latin1').toLowerCase();
      return text.includes(word.toLowerCase().slice(2)) ? [name] : [];
    }),
  );
  return found.flat();
}

async function expectGone(): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) {
    if ((await filesWith()).length === 0) return;
    await pause(25);
  }
  expect(await filesWith()).toEqual([]);
}

/** A closed chat in which the secret was said, among others. */
async function play(journal: Journal, id: string, says = secret): Promise<void> {
  const chat = new SampleChat(id, { contactId: 'the contact' });
  const steps = [() => chat.request(), () => chat.offer(), () => chat.accept(), () => chat.say(says)];
  for (const step of [...steps, () => chat.leave(), () => chat.complete()]) await appended(journal, step());
}

const person: TableWrite = {
  table: 'contacts',
  row: contact('the contact', {
    firstName: secret,
    emailAddress: `${secret}@example.com`,
    phoneNumber: secret,
  }),
};

async function fill(journal: Journal): Promise<void> {
  for (let at = 0; at < 20; at += 1) await play(journal, `before ${at}`, `words and more words ${at}`);
  await appended(journal, writes(person));
  await play(journal, 'secret');
  for (let at = 0; at < 20; at += 1) await play(journal, `after ${at}`, `words and other words ${at}`);
}

const forgotten: readonly TableWrite[] = [
  { table: 'chats', delete: 'secret' as SampleChat['id'] },
  { table: 'contacts', delete: 'the contact' as ContactId },
];

test('what is deleted is in no file within the bound, while the store is open', async () => {
  const journal = await open({ forgetAfterMs: 20, idleAfterMs: 5 });
  await fill(journal);
  expect(await filesWith()).not.toEqual([]);
  await appended(journal, writes(...forgotten));
  await expectGone();
  expect(await journal.searchChats({ text: 'words', limit: 100 })).toHaveLength(40);
  await journal.close();
  expect(await filesWith()).toEqual([]);
});

test('nor is it when idle moments never come', async () => {
  const journal = await open({ forgetAfterMs: 20, idleAfterMs: 60_000 });
  await fill(journal);
  await appended(journal, writes(...forgotten));
  for (let at = 0; at < 10; at += 1) {
    await pause(10);
    await play(journal, `busy ${at}`, 'hello');
  }
  expect(await filesWith()).toEqual([]);
  await journal.close();
});

test('nor after the store was closed before the bound', async () => {
  const journal = await open();
  await fill(journal);
  await appended(journal, writes(...forgotten));
  await journal.close();
  expect(await filesWith()).toEqual([]);
});

test('nor is it after anonymising', async () => {
  const journal = await open({ forgetAfterMs: 20, idleAfterMs: 5 });
  await fill(journal);
  await appended(
    journal,
    writes({ table: 'chats', anonymise: 'secret' as SampleChat['id'] }, ...forgotten.slice(1)),
  );
  await expectGone();
  await journal.close();
});

test('live words that are masked in the archive leave the journal and the log, and live chats stay', async () => {
  const journal = await open({ forgetAfterMs: 20, idleAfterMs: 5 });
  const rule = { pattern: secret, replacement: '*', who: 'both', applyTo: 'history' } as const;
  const mask = createChatMask({ rules: [rule], typingPreview: 'rules', subject: true });
  const live = new SampleChat('live');
  await appended(journal, live.request());
  const chat = new SampleChat('secret');
  const steps = [() => chat.request(), () => chat.offer(), () => chat.accept(), () => chat.say(secret)];
  for (const step of [...steps, () => chat.leave()]) await appended(journal, step());
  const last = chat.complete();
  const masked = last.writes.map((write): TableWrite =>
    write.table === 'archive' ? { ...write, events: mask.kept(write.events), isMasked: true } : write,
  );
  expect(await filesWith()).not.toEqual([]);
  await appended(journal, { ...last, writes: masked });
  await expectGone();
  // A backup is a file beside the others here.
  backUp(join(folder, 'parley.db'), join(folder, 'copy.db'));
  expect(await filesWith()).toEqual([]);
  await appended(journal, live.say('still there'));
  await journal.close();
  const again = await open();
  expect((await again.recover()).liveChats.get(live.id)).toEqual(live.events);
  await again.close();
});
