import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isRefusal } from '@parley/contract/refusals.ts';
import { systemClock } from '../clock.ts';
import { startSession } from '../domain/agent.ts';
import type { AgentId, ChatId } from '../domain/ids.ts';
import { chatId, requestedEvents } from '../domain/sample-request.ts';
import type { Journal } from '../journal/journal.ts';
import { createChatMask } from '../masking/chat-mask.ts';
import { openSqliteJournal } from '../journal/sqlite/open.ts';
import { AgentRoster } from './agent-roster.ts';
import { ChatBook } from './chat-book.ts';

const agentId = 'a'.repeat(32) as AgentId;
const events = requestedEvents();

let folder: string;
let journal: Journal;
let chats: ChatBook;
let roster: AgentRoster;
let heads: number;

/** A journal that takes two entries in one turn of the event loop; a third is too much. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-take-'));
  journal = await openSqliteJournal({
    path: join(folder, 'parley.db'),
    limits: { maxWaitingEntries: 2 },
    onFatal: (error) => {
      throw error;
    },
  });
  heads = 0;
  const clock = systemClock;
  const onHead = (): void => void (heads += 1);
  const onCommit = (): void => {};
  const extraWrites = { writesFor: () => [], took: () => {} };
  chats = new ChatBook({
    journal,
    clock,
    extraWrites,
    mask: createChatMask({ rules: [], typingPreview: 'rules', subject: true }),
    onHead,
    onCommit,
  });
  roster = new AgentRoster({ journal, clock, agentIds: [agentId], onHead, onCommit });
});

afterEach(async () => {
  await journal.close();
  await rm(folder, { recursive: true });
});

const unavailable = { refused: 'Unavailable' };
const said = (text: string) => ({ type: 'CustomerSend', message: { text } }) as const;

it('a chat is not moved on by what the store did not take, and goes on when there is room again', async () => {
  await chats.open(chatId, events, []);
  const taken = [chats.submit(chatId, said('one')), chats.submit(chatId, said('two'))];
  const before = chats.head(chatId);
  heads = 0;
  expect(await chats.submit(chatId, said('lost'))).toMatchObject(unavailable);
  expect(chats.head(chatId)).toBe(before);
  expect(heads).toBe(0);
  await Promise.all(taken);
  expect(isRefusal(await chats.submit(chatId, said('three')))).toBe(false);
  const texts = (await journal.chatEvents(chatId)).flatMap(({ event }) =>
    event.type === 'TextSent' ? [event.text] : [],
  );
  expect(texts).toEqual(['one', 'two', 'three']);
  expect(chats.messageLog(chatId).map(({ index }) => index)).toEqual([1, 2, 3, 4]);
});

it('a new chat that the store did not take is not there', async () => {
  const other = '0000Na9B26EF002Y' as ChatId;
  const third = '0000Na9B26EF002Z' as ChatId;
  const taken = [chats.open(chatId, events, []), chats.open(other, events, [])];
  expect(await chats.open(third, events, [])).toMatchObject(unavailable);
  expect(chats.head(third)).toBeUndefined();
  expect(chats.size).toBe(2);
  await Promise.all(taken);
  expect(isRefusal(await chats.open(third, events, []))).toBe(false);
});

it("an agent's state is not moved on by what the store did not take", async () => {
  const start = (operationName: string) => () =>
    startSession({ agentId, sessionStartedAtMs: null, channels: [] }, ['chat'], { nowMs: 1, operationName });
  const taken = [roster.change(agentId, start('Ready')), roster.change(agentId, start('NotReady'))];
  const [before] = roster.heads();
  expect(await roster.change(agentId, start('Break'))).toMatchObject(unavailable);
  expect([...roster.heads()]).toEqual([before]);
  await Promise.all(taken);
  expect(roster.stateOf(agentId).channels).toMatchObject([{ operationName: 'NotReady' }]);
});
