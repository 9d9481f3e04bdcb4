import { expect, test } from 'vitest';
import { defaultGroupCommitLimits, GroupCommit, type Batch, type GroupCommitLimits } from './group-commit.ts';
import type { JournalError } from './journal-error.ts';
import { SampleChat } from './sample-chat.ts';

interface Bench {
  readonly commits: GroupCommit;
  /** Every batch that was started. */
  readonly batches: Batch[];
  readonly fatal: JournalError[];
  /** What was told of room on the disk. */
  readonly told: (string | null)[];
  /** What was put off, and for how long. */
  readonly later: { readonly pauseMs: number; readonly call: () => void }[];
}

/** Every call of `append` is a turn of the event loop of its own, unless `afterTurn` says otherwise. */
function bench(
  limits: Partial<GroupCommitLimits> = {},
  afterTurn: (start: () => void) => void = (start) => start(),
): Bench {
  const batches: Batch[] = [];
  const fatal: JournalError[] = [];
  const told: (string | null)[] = [];
  const later: { pauseMs: number; call: () => void }[] = [];
  const commits = new GroupCommit((batch) => batches.push(batch), {
    limits: { ...defaultGroupCommitLimits, ...limits },
    onFatal: (error) => fatal.push(error),
    onFull: (sentence) => told.push(sentence),
    afterTurn,
    later: (pauseMs, call) => later.push({ pauseMs, call }),
  });
  return { commits, batches, fatal, told, later };
}

function requested(id = 'chat'): SampleChat {
  const chat = new SampleChat(id);
  chat.request();
  return chat;
}

function seqs(batch: Batch | undefined): number[] {
  return (JSON.parse(batch?.events ?? '[]') as { seq: number }[]).map((stored) => stored.seq);
}

test('a lone entry is committed at once, the rest share the next commit', () => {
  const { commits, batches } = bench();
  const chat = requested();
  const first = chat.chat.seq;
  const durable: number[] = [];
  for (let number = 1; number <= 5; number++) commits.append(chat.say('hello'), () => durable.push(number));
  expect(batches.map(seqs)).toEqual([[first + 1]]);
  commits.committed();
  expect(durable).toEqual([1]);
  expect(batches.map(seqs)).toEqual([[first + 1], [2, 3, 4, 5].map((number) => first + number)]);
  commits.committed();
  expect(durable).toEqual([1, 2, 3, 4, 5]);
  expect(batches).toHaveLength(2);
});

test('what comes in turns of the event loop that follow each other shares a commit, also with what waited for the disk', () => {
  const turns: (() => void)[] = [];
  const { commits, batches } = bench({}, (start) => turns.push(start));
  const chat = requested();
  const first = chat.chat.seq;
  const append = (onDurable = (): void => undefined): void => commits.append(chat.say('hello'), onDurable);
  const nextTurn = (): void => turns.shift()?.();
  append();
  append();
  nextTurn();
  append();
  nextTurn();
  expect(batches).toEqual([]);
  nextTurn();
  expect(batches).toHaveLength(1);
  append();
  append(() => append());
  commits.committed();
  nextTurn();
  expect(batches).toHaveLength(2);
  commits.committed();
  nextTurn();
  commits.committed();
  expect(turns).toEqual([]);
  expect(batches.map(seqs)).toEqual(
    [[1, 2, 3], [4, 5], [6]].map((batch) => batch.map((number) => first + number)),
  );
});

test('a commit does not wait for ever while each turn brings more to write', () => {
  const turns: (() => void)[] = [];
  const { commits, batches } = bench({}, (start) => turns.push(start));
  const chat = requested();
  const append = (): void => commits.append(chat.say('hello'), () => undefined);
  append();
  for (let turn = 1; turn <= 4; turn += 1) {
    expect(batches).toEqual([]);
    append();
    turns.shift()?.();
  }
  expect(batches.map((batch) => seqs(batch).length)).toEqual([5]);
});

test('is drained only when what waits for the end of the turn is durable', async () => {
  const turns: (() => void)[] = [];
  const { commits, batches } = bench({}, (start) => turns.push(start));
  let isDrained = false;
  commits.append(requested().say('hello'), () => undefined);
  const drained = commits.drain().then(() => (isDrained = true));
  await Promise.resolve();
  expect(isDrained).toBe(false);
  turns.shift()?.();
  expect(batches).toHaveLength(1);
  commits.committed();
  await drained;
});

test('what waits for the end of the turn is not written after a failure', () => {
  const turns: (() => void)[] = [];
  const { commits, batches, fatal } = bench({}, (start) => turns.push(start));
  commits.append(requested().say('hello'), () => undefined);
  commits.failed('The disk is gone.');
  turns.shift()?.();
  expect(batches).toEqual([]);
  expect(fatal).toHaveLength(1);
});

test('what a callback appends comes after all that waits', () => {
  const { commits, batches } = bench();
  const chat = requested();
  const first = chat.chat.seq;
  commits.append(chat.say('one'), () => commits.append(chat.say('three'), () => undefined));
  commits.append(chat.say('two'), () => undefined);
  commits.committed();
  commits.committed();
  expect(batches.map(seqs)).toEqual([[first + 1], [first + 2], [first + 3]]);
});

test('a batch holds no more entries and no more text than its limits, but one entry at least', () => {
  const { commits, batches } = bench({ maxBatchEntries: 3, maxBatchLength: 2_000 });
  const chat = requested();
  commits.append(chat.say('first'), () => undefined);
  for (let number = 0; number < 4; number++) commits.append(chat.say('short'), () => undefined);
  for (let number = 0; number < 2; number++) commits.append(chat.say('x'.repeat(5_000)), () => undefined);
  for (let number = 0; number < 6; number++) commits.committed();
  expect(batches.map((batch) => seqs(batch).length)).toEqual([1, 3, 1, 1, 1]);
});

test('beyond its limits it refuses, changes nothing, and accepts again when the disk has caught up', () => {
  const { commits, batches } = bench({ maxWaitingEntries: 2 });
  const chat = requested();
  const append = (text: string): void => commits.append(chat.say(text), () => undefined);
  append('running');
  append('waiting');
  append('waiting');
  expect(() => append('refused')).toThrow(expect.objectContaining({ code: 'overloaded' }));
  commits.committed();
  append('accepted');
  commits.committed();
  const texts = batches.flatMap((batch) => batch.events.match(/"text":"\w+"/g));
  expect(texts).toEqual(['running', 'waiting', 'waiting', 'accepted'].map((text) => `"text":"${text}"`));
});

test('the waiting text is limited too', () => {
  const { commits } = bench({ maxWaitingLength: 10_000 });
  const chat = requested();
  const append = (): void => commits.append(chat.say('x'.repeat(6_000)), () => undefined);
  append();
  append();
  append();
  expect(append).toThrow(expect.objectContaining({ code: 'overloaded' }));
  commits.committed();
  commits.committed();
  expect(append).not.toThrow();
});

test('an entry that is no JSON is refused to its caller and spoils no batch', () => {
  const { commits, batches } = bench();
  const circular: { self?: unknown } = {};
  circular.self = circular;
  const row = { agentId: 'a' as never, state: circular };
  expect(() => commits.append({ events: [], writes: [{ table: 'agents', row }] }, () => undefined)).toThrow(
    TypeError,
  );
  expect(batches).toEqual([]);
  commits.append(requested().say('fine'), () => undefined);
  expect(batches).toHaveLength(1);
});

test('archives travel beside the table writes, with what people wrote', () => {
  const { commits, batches } = bench();
  const chat = requested();
  chat.say('first');
  chat.say('second');
  commits.append(chat.leave(), () => undefined);
  expect(batches[0]?.archives).toEqual([
    {
      chatId: 'chat',
      events: JSON.stringify(chat.events),
      text: 'first\nsecond',
      supervisorText: '',
      isMasked: false,
    },
  ]);
  expect(JSON.parse(batches[0]?.writes ?? '')).toMatchObject([{ table: 'chats', row: { state: 'Closed' } }]);
});

test('after a failure nothing is acknowledged, and it is told once', () => {
  const { commits, batches, fatal } = bench();
  const chat = requested();
  const durable: string[] = [];
  commits.append(chat.say('running'), () => durable.push('running'));
  commits.append(chat.say('waiting'), () => durable.push('waiting'));
  commits.failed('the disk is gone');
  commits.failed('again');
  commits.committed();
  expect(fatal).toMatchObject([{ code: 'failed', message: 'the disk is gone' }]);
  expect(durable).toEqual([]);
  expect(batches).toHaveLength(1);
  expect(() => commits.append(chat.say('no'), () => undefined)).toThrow(
    expect.objectContaining({ code: 'failed' }),
  );
});

test('a commit without room is tried again as it is until it goes in; what waits behind it follows, and no more is taken', () => {
  const { commits, batches, told, later } = bench({ roomRetryMs: 300 });
  const chat = requested();
  const durable: string[] = [];
  const append = (text: string): void => commits.append(chat.say(text), () => durable.push(text));
  append('running');
  append('waiting');
  append('waiting too');
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    commits.full(`The disk is full (${attempt}).`);
    expect(() => append('refused')).toThrow(expect.objectContaining({ code: 'full' }));
    chat.events.pop();
    expect(batches).toHaveLength(attempt);
    expect(later.map(({ pauseMs }) => pauseMs)).toEqual(Array.from({ length: attempt }, () => 300));
    later.at(-1)?.call();
    expect(batches.at(-1)).toEqual(batches[0]);
  }
  expect([told, durable, commits.meter.waitingEntries]).toEqual([['The disk is full (1).'], [], 3]);
  commits.committed();
  expect(told).toEqual(['The disk is full (1).', null]);
  append('taken again');
  commits.committed();
  commits.committed();
  expect(durable).toEqual(['running', 'waiting', 'waiting too', 'taken again']);
  expect(batches.slice(4).map((batch) => seqs(batch).length)).toEqual([2, 1]);
  expect(commits.meter).toMatchObject({ isFull: false, waitingEntries: 0 });
});

test('what is appended when there is room again comes behind what waited', () => {
  const { commits, batches } = bench();
  const chat = requested();
  const first = chat.chat.seq;
  commits.append(chat.say('running'), () => commits.append(chat.say('behind'), () => undefined));
  commits.append(chat.say('waiting'), () => undefined);
  commits.full('The disk is full.');
  commits.committed();
  commits.committed();
  expect(batches.map(seqs)).toEqual([[first + 1], [first + 2], [first + 3]]);
});

test('a store that fails while it is full tries nothing again', () => {
  const { commits, batches, fatal, later } = bench();
  commits.append(requested().say('running'), () => undefined);
  commits.full('The disk is full.');
  commits.failed('The disk is gone.');
  later[0]?.call();
  commits.full('The disk is full.');
  expect([batches.length, fatal.length, later.length]).toEqual([1, 1, 1]);
});

test('every callback runs though one throws, and the exception is not swallowed', () => {
  const { commits } = bench();
  const chat = requested();
  const ran: string[] = [];
  commits.append(chat.say('alone'), () => undefined);
  commits.append(chat.say('a'), () => {
    throw new Error('planted');
  });
  commits.append(chat.say('b'), () => ran.push('b'));
  commits.committed();
  expect(() => commits.committed()).toThrow('planted');
  expect(ran).toEqual(['b']);
});

test('drain resolves when all is durable, or has failed', async () => {
  const { commits } = bench();
  const chat = requested();
  const order: string[] = [];
  commits.append(chat.say('one'), () => order.push('one'));
  commits.append(chat.say('two'), () => order.push('two'));
  const drained = commits.drain().then(() => order.push('drained'));
  commits.committed();
  commits.committed();
  await drained;
  expect(order).toEqual(['one', 'two', 'drained']);
  await commits.drain();

  const failing = bench();
  failing.commits.append(requested('other').say('one'), () => undefined);
  const ended = failing.commits.drain();
  failing.commits.failed('the disk is gone');
  await ended;
});
