import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appended } from '../journal-suite.ts';
import type { Journal } from '../journal.ts';
import type { JournalError } from '../journal-error.ts';
import { SampleChat } from '../sample-chat.ts';
import type { PostgresLimits } from './limits.ts';
import { openPostgresJournal } from './open.ts';
import { TestSchemas, testDatabaseUrl, type TestSchema } from './test-database.ts';
import { WireProxy } from './wire-proxy.ts';

const url = await testDatabaseUrl();
const schemas = new TestSchemas(url ?? '');
afterAll(() => schemas.dropAll());

describe.skipIf(url === null)('between the server and PostgreSQL', () => {
  let schema: TestSchema;
  let proxy: WireProxy;
  let journal: Journal;
  let fatal: JournalError[];
  let chat: SampleChat;

  async function open(limits: Partial<PostgresLimits> = {}, at = proxy.url): Promise<Journal> {
    const usual = { outageMs: 20_000, retryPauseMs: 10 };
    return openPostgresJournal({
      url: at,
      limits: { ...usual, ...limits },
      onFatal: (error) => void fatal.push(error),
    });
  }

  beforeEach(async () => {
    schema = await schemas.take();
    proxy = await WireProxy.start(schema.url);
    fatal = [];
    journal = await open();
    chat = new SampleChat('chat');
    await appended(journal, chat.request());
  });

  afterEach(async () => {
    await journal.close();
    await proxy.close();
    await schemas.giveBack(schema);
  });

  async function storedSeqs(): Promise<readonly unknown[]> {
    return (await schema.sql('SELECT seq FROM events ORDER BY chat_id, seq')).map(({ seq }) => seq);
  }

  /** Until the database has the whole chat, as another connection sees it. */
  async function untilStored(): Promise<void> {
    await expect.poll(async () => (await storedSeqs()).at(-1), { timeout: 15_000 }).toBe(chat.chat.seq);
  }

  test('nothing is acknowledged before the server has said that it is committed', async () => {
    let acknowledged = false;
    proxy.holdReady();
    journal.append(chat.say('held'), () => (acknowledged = true));
    await untilStored();
    await pause(50);
    // It is there, its command is complete, and still it is not acknowledged.
    expect(acknowledged).toBe(false);
    proxy.releaseReady();
    await expect.poll(() => acknowledged).toBe(true);
  });

  test('a commit whose reply was lost is found and not done again', async () => {
    let acknowledgements = 0;
    proxy.holdReady();
    journal.append(chat.say('its reply is lost'), () => (acknowledgements += 1));
    await untilStored();
    proxy.cut();
    await expect.poll(() => acknowledgements, { timeout: 15_000 }).toBe(1);
    await appended(journal, chat.say('next'));
    expect(await storedSeqs()).toEqual(chat.events.map(({ seq }) => seq));
    expect(await journal.chatEvents(chat.id)).toEqual(chat.events);
    expect([acknowledgements, fatal]).toEqual([1, []]);
  });

  test('a commit that never arrived is done again', async () => {
    proxy.swallow();
    const done = appended(journal, chat.say('it never arrives'));
    await pause(30);
    expect(await storedSeqs()).not.toContain(chat.chat.seq);
    proxy.cut();
    await done;
    expect(await journal.chatEvents(chat.id)).toEqual(chat.events);
  });

  test('a commit that nobody answers is looked for on a new connection', async () => {
    await journal.close();
    journal = await open({ commitTimeoutMs: 200 });
    proxy.holdReady();
    const done = appended(journal, chat.say('the line is dead'));
    await untilStored();
    await pause(300);
    proxy.releaseReady();
    await done;
    expect(await journal.chatEvents(chat.id)).toEqual(chat.events);
  });

  test(
    'however often it is cut, everything is stored once and acknowledged once',
    { timeout: 60_000 },
    async () => {
      const acknowledged: number[] = [];
      let isOver = false;
      const append = (): void => {
        const entry = chat.say('again and again');
        const { seq } = chat.chat;
        journal.append(entry, () => {
          acknowledged.push(seq);
          if (!isOver) append();
        });
      };
      for (let count = 0; count < 5; count++) append();
      for (let cut = 0; cut < 12; cut++) {
        await pause(Math.random() * 20);
        proxy.cut();
        const before = acknowledged.length;
        await expect
          .poll(() => acknowledged.length, { timeout: 15_000, interval: 2 })
          .toBeGreaterThan(before);
      }
      isOver = true;
      await expect.poll(() => acknowledged.at(-1), { timeout: 15_000 }).toBe(chat.chat.seq);
      expect(acknowledged).toEqual(
        chat.events.slice(chat.events.length - acknowledged.length).map(({ seq }) => seq),
      );
      expect(await journal.chatEvents(chat.id)).toEqual(chat.events);
    },
  );

  test('while it is away no more is taken than may wait, and reads wait too', async () => {
    await journal.close();
    journal = await open({ maxWaitingEntries: 3, readTimeoutMs: 15_000 });
    proxy.isOpen = false;
    proxy.cut();
    const running = appended(journal, chat.say('on its way'));
    await turn();
    const waiting = [1, 2, 3].map((number) => appended(journal, chat.say(String(number))));
    const { length } = chat.events;
    expect(() => journal.append(chat.say('too much'), () => undefined)).toThrow(
      expect.objectContaining({ code: 'overloaded' }),
    );
    chat.events.length = length;
    const read = journal.chatEvents(chat.id);
    await pause(50);
    proxy.isOpen = true;
    expect((await read).length).toBeGreaterThan(0);
    await Promise.all([running, ...waiting]);
    expect(await journal.chatEvents(chat.id)).toEqual(chat.events);
  });

  test('when it stays away the store fails, once, whether something was to be written or not', async () => {
    for (const writes of [true, false]) {
      await journal.close();
      fatal = [];
      proxy.isOpen = true;
      journal = await open({ outageMs: 100 });
      proxy.isOpen = false;
      proxy.cut();
      if (writes) journal.append(chat.say('never'), () => expect.fail('it was acknowledged'));
      await expect.poll(() => fatal.length, { timeout: 15_000 }).toBe(1);
      expect(fatal[0]).toMatchObject({ code: 'failed' });
      expect(fatal[0]?.message).toMatch(/^The database .* could not be written for 0 s: /);
      expect(() => journal.append(chat.say('no'), () => undefined)).toThrow(
        expect.objectContaining({ code: 'failed' }),
      );
    }
    await pause(150);
    expect(fatal).toHaveLength(1);
  });

  test('a server that comes back after another has taken over writes nothing more', async () => {
    proxy.isOpen = false;
    proxy.cut();
    const other = await open({ lockTimeoutMs: 15_000 }, schema.url);
    await appended(other, chat.say('by the other'));
    await other.close();
    proxy.isOpen = true;
    await expect.poll(() => fatal.length, { timeout: 15_000 }).toBe(1);
    expect(fatal[0]?.message).toMatch(/^Another server has taken over the database /);
    expect(await storedSeqs()).toEqual(chat.events.map(({ seq }) => seq));
  });

  test('who writes the same place in a log as somebody else fails and changes nothing', async () => {
    const { length } = chat.events;
    await schema.sql('INSERT INTO events VALUES ($1, $2, $3)', [chat.id, length + 1, '{"by":"another"}']);
    journal.append(chat.say('mine'), () => expect.fail('it was acknowledged'));
    await expect.poll(() => fatal.length, { timeout: 15_000 }).toBe(1);
    expect(fatal[0]?.message).toMatch(
      /^The database .* was written by another server at the same time: .*events_fence.*\(SQLSTATE 23505\)\.$/,
    );
    expect(await schema.sql('SELECT event FROM events WHERE seq = $1', [length + 1])).toEqual([
      { event: '{"by":"another"}' },
    ]);
  });
});
