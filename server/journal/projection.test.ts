import { expect, test } from 'vitest';
import type { AgentId, ContactId } from '../domain/ids.ts';
import type { JournalEntry } from './journal.ts';
import { project, withLastAgent, type KeptLog } from './projection.ts';
import { SampleChat, sampleAgent } from './sample-chat.ts';

const keptOf =
  ({ events, chat }: SampleChat): (() => KeptLog) =>
  () => ({ events, chat, isMasked: false });

function row(entry: JournalEntry): unknown {
  return entry.writes.flatMap((write) => (write.table === 'chats' && 'row' in write ? [write.row] : []))[0];
}

function tables(entry: JournalEntry): string[] {
  return entry.writes.map((write) => write.table);
}

test('a row follows each change of the chat that lists show', () => {
  const chat = new SampleChat('chat');
  expect(row(chat.request())).toMatchObject({
    state: 'Waiting',
    queue: 'support',
    agentIds: [],
    endedAtMs: null,
  });
  expect(row(chat.offer())).toMatchObject({ state: 'Offered', agentIds: [] });
  expect(row(chat.accept())).toMatchObject({ state: 'Chatting', agentIds: [sampleAgent] });
  expect(row(chat.leave())).toMatchObject({ state: 'Ended', endedAtMs: chat.events.at(-1)?.atMs });
  expect(row(chat.complete())).toMatchObject({ state: 'Closed', lastSeq: chat.chat.seq });
});

test('messages change no row', () => {
  const chat = new SampleChat('chat');
  chat.request();
  expect(chat.say('hello').writes).toEqual([]);
  chat.offer();
  chat.accept();
  expect(chat.say('hello').writes).toEqual([]);
});

test('a chat that nobody took closes when its customer leaves', () => {
  const chat = new SampleChat('chat');
  chat.request();
  chat.say('anybody?');
  const closing = chat.leave();
  expect(tables(closing)).toEqual(['chats', 'archive']);
  expect(closing.writes[1]).toEqual({ table: 'archive', chatId: 'chat', events: chat.events });
});

test('a chat is archived once, with its whole log, and only when the log is given', () => {
  const chat = new SampleChat('chat');
  const entries = [chat.request(), chat.offer(), chat.accept(), chat.leave()];
  expect(entries.map(tables)).toEqual([['chats'], ['chats'], ['chats'], ['chats']]);
  const before = chat.chat;
  const last = chat.complete();
  expect(tables(last)).toEqual(['chats', 'archive']);
  expect(project(before, chat.chat, last.events).map((write) => write.table)).toEqual(['chats']);
  expect(project(chat.chat, chat.chat, last.events, keptOf(chat))).toEqual([]);
});

test('no events, no writes', () => {
  const chat = new SampleChat('chat');
  chat.request();
  expect(project(null, chat.chat, [], keptOf(chat))).toEqual([]);
});

test('an agent who joined counts once, in the order of joining', () => {
  const other = 'b'.repeat(32) as AgentId;
  const chat = new SampleChat('chat');
  chat.request();
  for (const agentId of [other, sampleAgent]) {
    chat.offer(agentId);
    chat.accept(agentId);
    if (agentId === other) chat.transfer(other);
  }
  expect(row(chat.complete())).toMatchObject({ agentIds: [other, sampleAgent] });
});

test('a profile remembers its last agent and forgets nothing else', () => {
  const contact = {
    id: 'contact' as ContactId,
    firstName: 'Anna',
    lastName: null,
    emailAddress: 'anna@example.org',
    phoneNumber: null,
    createdAtMs: 1,
    lastAgentId: null,
    lastAgentAtMs: null,
  };
  expect(withLastAgent(contact, sampleAgent, 5)).toEqual({
    ...contact,
    lastAgentId: sampleAgent,
    lastAgentAtMs: 5,
  });
});
