import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TableWrite } from '@parley/server/journal/journal.ts';
import { GroupCommit, defaultGroupCommitLimits, type Batch } from '@parley/server/journal/group-commit.ts';
import { SampleChat } from '@parley/server/journal/sample-chat.ts';
import { BatchWriter } from '@parley/server/journal/sqlite/batch-writer.ts';
import { openForWriting } from '@parley/server/journal/sqlite/database.ts';

const chatsPerBatch = 1_000;
const firstMs = 1_700_000_000_000;

/** One chat from its request to its end, as the store writes it. */
function sampleBatch(): Batch {
  const chat = new SampleChat('CHATCHATCHATCHAT', { contactId: 'CONTACTCONTACTCO', startMs: firstMs });
  const entries = [
    chat.request(),
    chat.offer(),
    chat.accept(),
    ...['Good morning, my printer does not print.', 'Is it plugged in?', 'It is now. Thank you!'].map(
      (text) => chat.say(text),
    ),
    chat.leave(),
    chat.complete(),
  ];
  const batches: Batch[] = [];
  const commits = new GroupCommit((batch) => batches.push(batch), {
    limits: defaultGroupCommitLimits,
    onFatal: (error) => {
      throw error;
    },
    afterTurn: (start) => start(),
  });
  const writes = entries.flatMap((entry) => [...entry.writes]);
  // Of the chat's own rows the last one counts.
  const rows = writes.filter((write, at) => write.table !== 'chats' || at === writes.findLastIndex(isChat));
  commits.append({ events: [], writes: rows }, () => {});
  const [batch] = batches;
  if (!batch) throw new Error('nothing was written');
  return batch;
}

const isChat = ({ table }: TableWrite): boolean => table === 'chats';

/** Fills a new data folder with chats that are over, each of a contact of its own, as the store itself writes them. */
export function storeFinishedChats(dataFolder: string, count: number): void {
  mkdirSync(dataFolder, { recursive: true });
  const db = openForWriting(join(dataFolder, 'parley.db'), { logPages: 4_000, faults: {} });
  const writer = new BatchWriter(db);
  const sample = sampleBatch();
  const [archive] = sample.archives;
  if (!archive) throw new Error('the sample chat is not over');
  for (let first = 0; first < count; first += chatsPerBatch) {
    const numbers = Array.from({ length: Math.min(chatsPerBatch, count - first) }, (_, at) => first + at);
    writer.write({
      ...sample,
      writes: `[${numbers.map((number) => numbered(sample.writes.slice(1, -1), number)).join()}]`,
      archives: numbers.map((number) => ({
        ...archive,
        chatId: numbered(archive.chatId, number) as typeof archive.chatId,
        events: numbered(archive.events, number),
      })),
    });
  }
  // What compaction does by and by.
  db.exec('DELETE FROM journal; PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
}

/** The text with the ids and times of this chat. */
function numbered(text: string, number: number): string {
  const digits = String(number).padStart(12, '0');
  return text
    .replaceAll('CHATCHATCHATCHAT', `CHAT${digits}`)
    .replaceAll('CONTACTCONTACTCO', `CONT${digits}`)
    .replaceAll(/1700000000(\d\d\d)/g, (_, rest: string) => String(firstMs + number * 1_000 + Number(rest)));
}
