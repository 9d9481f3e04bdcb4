import { expect, test } from 'vitest';
import type { Chat } from '../domain/chat.ts';
import type { AgentId, ContactId, ParticipantId } from '../domain/ids.ts';
import type { JournalEntry } from './journal.ts';
import { chatRow, project, stateOf, withLastAgent, type KeptLog } from './projection.ts';
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

/** A chat that an agent handles. */
function handled(): SampleChat {
  const chat = new SampleChat('chat');
  for (const step of [() => chat.request(), () => chat.offer(), () => chat.accept()]) step();
  return chat;
}

test('a chat that its agent gave back waits again', () => {
  const chat = handled();
  expect(row(chat.transfer())).toMatchObject({ state: 'Waiting', agentIds: [sampleAgent] });
});

test('an asynchronous chat that sleeps counts as served, once somebody has served it', () => {
  const { chat } = handled();
  const asleep: Chat = {
    ...chat,
    isAsync: true,
    assignments: chat.assignments.map((one) => ({ ...one, state: 'Completed' })),
  };
  expect(stateOf(asleep)).toBe('Chatting');
  expect(stateOf({ ...asleep, isAsync: false })).toBe('Waiting');
  expect(stateOf({ ...asleep, assignments: [] })).toBe('Waiting');
});

test.each([
  [{}, {}, null],
  [{ DispositionCode: 'solved' }, {}, 'solved'],
  [{ DispositionCode: '' }, {}, null],
  [{ DispositionCode: 'solved', Outcome: 'sold' }, { dispositionKey: 'Outcome' }, 'sold'],
  [{ DispositionCode: 'solved' }, { dispositionKey: 'toString' }, null],
])('of user data %j with %j the disposition is %j', (userData, key, disposition) => {
  expect(chatRow({ ...handled().chat, userData, ...key })).toMatchObject({ disposition });
});

test('who handled a chat stands behind who only joined, and who supervised in silence is not named', () => {
  const { chat } = handled();
  const joined = (name: string, visibility: 'All' | 'Supervisors') => ({
    ...{ participantId: name as ParticipantId, agentId: name as AgentId, nickname: name },
    ...({ ordinal: 9, type: 'Agent', visibility, present: false } as const),
  });
  const parties = [...chat.parties, joined('member', 'All'), joined('monitor', 'Supervisors')];
  const assignments = [
    ...chat.assignments,
    { agentId: 'member' as AgentId, state: 'Completed', role: 'Member', sinceMs: 0 } as const,
  ];
  expect(chatRow({ ...chat, parties, assignments }).agentIds).toEqual(['member', sampleAgent]);
  // One without an assignment only joined.
  expect(chatRow({ ...chat, parties }).agentIds).toEqual(['member', sampleAgent]);
});

test('a row has the subject of the chat, or none', () => {
  const { chat } = handled();
  expect(chatRow(chat).subject).toBe('a question');
  expect(chatRow({ ...chat, customer: { nickname: 'Anna' } }).subject).toBeNull();
});

test('each part of a chat that lists show makes a row when it alone has changed', () => {
  const { chat, events } = handled();
  const changes: readonly Partial<Chat>[] = [
    { parties: chat.parties.map((party) => ({ ...party, visibility: 'Supervisors' })) },
    { userData: { DispositionCode: 'solved' } },
    { assignments: [] },
    { session: 'Ended' },
    { placement: { ...chat.placement, queue: 'sales' } },
  ];
  for (const change of changes) {
    const after = { ...chat, ...change, seq: chat.seq + 1 };
    expect(project(chat, after, events)).toEqual([{ table: 'chats', row: chatRow(after) }]);
  }
  const unseen = { ...chat, userData: { colour: 'red' }, seq: chat.seq + 1 };
  expect(project(chat, unseen, events)).toEqual([]);
});

test('what is masked on its way to the archive is told from the kept log', () => {
  const chat = new SampleChat('chat');
  chat.request();
  const before = chat.chat;
  chat.leave();
  const kept = { ...chat.chat, customer: { ...chat.chat.customer, nickname: '****' } };
  const events = chat.events.slice(0, 1);
  const writes = project(before, chat.chat, chat.events, () => ({ events, chat: kept, isMasked: true }));
  expect(writes).toEqual([
    { table: 'chats', row: chatRow(kept) },
    { table: 'archive', chatId: 'chat', events, isMasked: true },
  ]);
  // All of it may have come in one step.
  expect(project(null, chat.chat, chat.events, keptOf(chat)).map((write) => write.table)).toEqual([
    ...['chats', 'archive'],
  ]);
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
