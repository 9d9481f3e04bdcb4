import { refuse } from '@parley/contract/refusals.ts';
import { expect, test } from 'vitest';
import { stamp } from '../domain/decide.ts';
import type { ChatId } from '../domain/ids.ts';
import { requestedEvents } from '../domain/sample-request.ts';
import { KeptReads, maxKeptReads } from './kept-reads.ts';
import type { ReadChat } from './read-chat.ts';

let reads = 0;

function chat(id: string): ReadChat {
  const { chat: opened } = stamp(null, requestedEvents(), { chatId: id as ChatId, atMs: 0 });
  return { chat: opened, messagesFrom: () => [] };
}

/** Reads for this reader and returns whether the archive was asked. */
async function isReadAnew(kept: KeptReads, reader: object, id = 'one'): Promise<boolean> {
  const before = reads;
  await kept.read(reader, async () => {
    reads += 1;
    return chat(id);
  });
  return reads > before;
}

test('what was read is kept for its reader, until they have it all', async () => {
  const kept = new KeptReads();
  const [reader, other] = [{}, {}];
  expect(await isReadAnew(kept, reader)).toBe(true);
  expect(await isReadAnew(kept, reader)).toBe(false);
  expect(await isReadAnew(kept, other)).toBe(true);
  kept.drop(reader);
  expect(await isReadAnew(kept, reader)).toBe(true);
  expect(await isReadAnew(kept, other)).toBe(false);
});

test('of many readers the last are kept, and whoever is not reads again', async () => {
  const kept = new KeptReads();
  const readers = Array.from({ length: maxKeptReads + 1 }, () => ({}));
  const [first = {}, second = {}] = readers;
  for (const reader of readers.slice(0, -1)) await isReadAnew(kept, reader);
  expect(await isReadAnew(kept, first)).toBe(false);
  await isReadAnew(kept, readers.at(-1) ?? {});
  expect(kept.size).toBe(maxKeptReads);
  expect(await isReadAnew(kept, first)).toBe(false);
  expect(await isReadAnew(kept, second)).toBe(true);
  expect(kept.size).toBe(maxKeptReads);
});

test('a chat that is forgotten is not kept, nor one that was being read meanwhile, nor a refusal', async () => {
  const kept = new KeptReads();
  const [reader, other, late] = [{}, {}, {}];
  await isReadAnew(kept, reader, 'gone');
  await isReadAnew(kept, other, 'stays');
  const { promise, resolve } = Promise.withResolvers<ReadChat>();
  const reading = kept.read(late, () => promise);
  kept.forget(['gone' as ChatId]);
  resolve(chat('gone'));
  await reading;
  expect(kept.size).toBe(1);
  expect(await isReadAnew(kept, other)).toBe(false);
  await kept.read(reader, () => Promise.resolve(refuse('NotFound')));
  expect(kept.size).toBe(1);
});
