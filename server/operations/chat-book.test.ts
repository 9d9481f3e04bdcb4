import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRefusal } from '@parley/contract/refusals.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChatCommand } from '../domain/commands.ts';
import type { AgentId, ChatId, ParticipantId } from '../domain/ids.ts';
import { reason, requestedEvents } from '../domain/sample-request.ts';
import type { Journal, TableWrite } from '../journal/journal.ts';
import { openSqliteJournal } from '../journal/sqlite/open.ts';
import { createChatMask } from '../masking/chat-mask.ts';
import { ChatBook, type Commit } from './chat-book.ts';

const [a, s] = ['a', 's'].map((name) => name.repeat(32)) as [AgentId, AgentId];
const offer: ChatCommand = { type: 'Offer', agentId: a, expiresAtMs: 30, reason };
const accept = (agentId: AgentId): ChatCommand => ({
  ...{ type: 'Accept', agentId, nickname: agentId.slice(0, 1), saveLar: false },
  participantId: `p-${agentId.slice(0, 1)}` as ParticipantId,
});
const send = (text: string): ChatCommand => ({ type: 'CustomerSend', message: { text } });
const intrude: ChatCommand = { type: 'Intrude', agentId: s, watched: a, role: 'Monitor', expiresAtMs: 40 };
const write: TableWrite = { table: 'login_sessions', delete: 'nobody' };

let folder: string;
let journal: Journal;
/** A chat of its own for each test. */
let chatId: ChatId;
let chats = 0;
const nobodysChat = 'none' as ChatId;
let told: string[];
let nowMs: number;
/** What another book adds to each commit. */
let extra: readonly TableWrite[];

/** A book on the store; `told` hears what it says, in order. */
function newBook(store = journal): ChatBook {
  return new ChatBook({
    ...{ journal: store, clock: { now: () => nowMs, setTimer: () => () => {} } },
    extraWrites: {
      writesFor: () => extra,
      took: (writes) => void told.push(`took ${writes.length}`),
      durable: (writes) => void told.push(`durable ${writes.length}`),
    },
    mask: createChatMask({ rules: [], typingPreview: 'rules', subject: true }),
    onHead: (before, after) => void told.push(`head ${before?.seq ?? 'none'} ${after.seq}`),
    onCommit: ({ before, after }) => void told.push(`commit ${before?.seq ?? 'none'} ${after.seq}`),
  });
}

async function opened(): Promise<ChatBook> {
  const book = newBook();
  await book.open(chatId, requestedEvents(), []);
  return book;
}

async function carriedOut(book: ChatBook, ...commands: readonly ChatCommand[]): Promise<Commit> {
  let last: Commit | undefined;
  for (const command of commands) {
    const done = await book.submit(chatId, command);
    if (isRefusal(done)) throw new Error(`${command.type}: ${done.refused}`);
    last = done;
  }
  if (!last) throw new Error('nothing was asked');
  return last;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-book-'));
  journal = await openStore('parley.db');
});

beforeEach(() => {
  [told, nowMs, extra] = [[], 1_000, []];
  chatId = `chat ${(chats += 1)}` as ChatId;
});

afterAll(async () => {
  await journal.close();
  await rm(folder, { recursive: true });
});

function openStore(name: string): Promise<Journal> {
  return openSqliteJournal({
    path: join(folder, name),
    limits: { maxWaitingEntries: 3 },
    onFatal: (error) => {
      throw error;
    },
  });
}

describe('what is decided and not yet on disk', () => {
  it('is decided upon, and shown to nobody', async () => {
    const book = newBook();
    const opening = book.open(chatId, requestedEvents(), []);
    expect([book.head(chatId)?.seq, book.durable(chatId), book.size]).toEqual([3, undefined, 1]);
    expect([book.messageLog(chatId), book.eventsUpTo(chatId, 9)]).toEqual([[], []]);
    expect(book.waiting().map(({ seq }) => seq)).toEqual([3]);
    await opening;
    const offering = book.submit(chatId, offer);
    expect([book.idsOf(a), book.loadOf(a), book.waiting()]).toEqual([[chatId], 1, []]);
    expect([book.durable(chatId)?.seq, book.head(chatId)?.seq]).toEqual([3, 4]);
    // The offer is no more than decided: nothing of it can be seen.
    expect([book.chatsOf(a), book.eventsUpTo(chatId, 9).length]).toEqual([[], 3]);
    await offering;
    expect(book.chatsOf(a).map(({ seq }) => seq)).toEqual([4]);
    expect(told).toEqual(['took 0', 'head none 3', 'commit none 3', 'took 0', 'head 3 4', 'commit 3 4']);
  });

  it('is told in the order of the log before it is answered', async () => {
    const book = await opened();
    told = [];
    const answers = ['one', 'two'].map(async (text) => {
      await book.submit(chatId, send(text));
      told.push(`answered ${text}`);
    });
    await Promise.all(answers);
    expect(told.filter((line) => !line.startsWith('took') && !line.startsWith('head'))).toEqual([
      'commit 3 4',
      'commit 4 5',
      'answered one',
      'answered two',
    ]);
  });

  it('is nothing at all when the store does not take it', async () => {
    const book = await opened();
    extra = [write];
    const taken = ['one', 'two', 'three'].map((text) => book.submit(chatId, send(text)));
    told = [];
    expect(await book.submit(chatId, send('four'))).toMatchObject({ refused: 'Unavailable' });
    expect(told).not.toContain('took 1');
    expect(book.head(chatId)?.seq).toBe(6);
    await Promise.all(taken);
    expect((await carriedOut(book, send('five'))).stored).toMatchObject([{ seq: 7, index: 5 }]);
  });

  it('is nothing when the store has ended', async () => {
    const ended = await openStore('ended.db');
    const book = newBook(ended);
    await book.open(chatId, requestedEvents(), []);
    await ended.close();
    await expect(book.submit(chatId, send('one'))).rejects.toThrow(/clos/);
    expect(book.head(chatId)?.seq).toBe(3);
  });
});

describe('a command', () => {
  it('that is refused changes nothing', async () => {
    const book = await opened();
    told = [];
    expect(await book.submit(chatId, accept(a))).toMatchObject({ refused: 'NotFound' });
    expect(await book.submit(nobodysChat, offer)).toMatchObject({ refused: 'NotFound' });
    expect([told, book.head(chatId)?.seq]).toEqual([[], 3]);
  });

  it('that makes nothing happen is carried out without a commit', async () => {
    const book = await opened();
    told = [];
    const done = await carriedOut(book, { type: 'CustomerUpdateNickname', nickname: 'PersonP' });
    expect([done.stored, done.before === done.after, told]).toEqual([[], true, []]);
  });

  it('keeps who asked for it, and when', async () => {
    const book = await opened();
    const origin = { agentId: a, referenceId: 7 };
    await carriedOut(book, offer);
    const done = await book.submit(chatId, accept(a), origin);
    expect(done).toMatchObject({ origin, acceptedAtMs: expect.any(Number) });
  });

  it('is never earlier than the one before it', async () => {
    const book = await opened();
    nowMs = 2_000;
    await carriedOut(book, send('late'));
    nowMs = 500;
    await carriedOut(book, send('early'));
    expect(book.eventsUpTo(chatId, 9).map(({ atMs }) => atMs)).toEqual([1_000, 1_000, 1_000, 2_000, 2_000]);
  });

  it('can be asked about before it is given', async () => {
    const book = await opened();
    expect(book.cannot(nobodysChat, a, 'Accept')).toMatchObject({ refused: 'NotFound' });
    expect(book.cannot(chatId, a, 'Accept')).toMatchObject({ refused: 'NotFound' });
    await carriedOut(book, offer);
    expect(book.cannot(chatId, a, 'Accept')).toBeNull();
    expect(book.cannot(chatId, a, 'Leave')).toMatchObject({ refused: 'NotAllowedInState' });
  });
});

describe('the live chats', () => {
  it('are each one chat', async () => {
    const book = await opened();
    expect(() => book.open(chatId, requestedEvents(), [])).toThrow(/exists/);
  });

  it('are found by their agents; a supervisor has no less room for others', async () => {
    const book = await opened();
    expect([book.idsOf(a), book.busyAgents(), book.loadOf(a), book.queueNameOf(chatId)]).toEqual([
      [],
      [],
      0,
      'support',
    ]);
    await carriedOut(book, offer, accept(a), intrude, accept(s));
    expect([book.loadOf(a), book.loadOf(s), book.busyAgents()]).toEqual([1, 0, [a, s]]);
    expect(book.chatsOf(s)).toEqual([book.durable(chatId)]);
    expect([...book.heads()]).toEqual([book.head(chatId)]);
    await carriedOut(book, { type: 'Complete', agentId: s, saveLar: false });
    expect([book.idsOf(s), book.busyAgents(), book.chatsOf(s)]).toEqual([[], [a], []]);
  });

  it('are read from an index on, and up to a place', async () => {
    const book = await opened();
    await carriedOut(book, offer, send('one'), send('two'));
    expect(book.messageLog(chatId).map(({ index }) => index)).toEqual([1, 2, 3]);
    expect(book.messageLog(chatId, 2).map(({ index }) => index)).toEqual([2, 3]);
    expect(book.eventsUpTo(chatId, 2).map(({ seq }) => seq)).toEqual([1, 2]);
    expect(book.eventsUpTo(nobodysChat, 2)).toEqual([]);
  });

  it('are so until they are over, and in the archive then', async () => {
    const book = await opened();
    await carriedOut(book, offer, accept(a), { type: 'Complete', agentId: a, saveLar: false });
    expect([book.size, book.head(chatId), book.durable(chatId), book.waiting()]).toEqual([
      0,
      undefined,
      undefined,
      [],
    ]);
    expect([book.idsOf(a), book.busyAgents(), book.loadOf(a), book.queueNameOf(chatId)]).toEqual([
      [],
      [],
      0,
      undefined,
    ]);
    expect((await journal.chatEvents(chatId)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('are as they were after a restart, but for those that are over', async () => {
    const book = await opened();
    await carriedOut(book, offer, accept(a), send('one'));
    const again = newBook();
    told = [];
    again.restore(book.eventsUpTo(chatId, 99));
    again.restore([]);
    expect([again.head(chatId), again.durable(chatId), again.loadOf(a), told]).toEqual([
      book.head(chatId),
      book.durable(chatId),
      1,
      ['head none 7'],
    ]);
    const next = await carriedOut(again, send('two'));
    expect(next.stored).toMatchObject([{ seq: 8, index: 4 }]);
    await carriedOut(again, { type: 'Complete', agentId: a, saveLar: false });
    const third = newBook();
    third.restore(await journal.chatEvents(chatId));
    expect(third.size).toBe(0);
  });
});

it('what another book writes with the events is taken and durable with them', async () => {
  const book = await opened();
  extra = [write];
  told = [];
  await carriedOut(book, send('one'));
  expect(told).toEqual(['took 1', 'head 3 4', 'durable 1', 'commit 3 4']);
});
