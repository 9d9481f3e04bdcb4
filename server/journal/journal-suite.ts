import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AgentId, ChatId, ContactId } from '../domain/ids.ts';
import type { ContactRow, Journal, JournalEntry, LoginSessionRow, TableWrite } from './journal.ts';
import type { RoomListener } from './group-commit.ts';
import type { JournalError } from './journal-error.ts';
import { SampleChat, sampleAgent } from './sample-chat.ts';

/** One place to keep data, opened and closed many times, by one journal at a time. */
export interface TestStore {
  open(onFull?: RoomListener): Promise<Journal>;
  /** Opens the same data so that commits fail once some more has been written, and not for want of room. */
  openFailing(onFatal: (error: JournalError) => void): Promise<Journal>;
  /** From now on there is no room for what takes more of it. */
  fill(): Promise<void>;
  makeRoom(): Promise<void>;
  /** Forgets the data. Every journal on it is closed. */
  remove(): Promise<void>;
}

/** Resolves when the entry is durable. */
export function appended(journal: Journal, entry: JournalEntry): Promise<void> {
  return new Promise((resolve) => journal.append(entry, resolve));
}

/** An entry without events. */
export function writes(...list: TableWrite[]): JournalEntry {
  return { events: [], writes: list };
}

export function contact(id: string, row: Partial<ContactRow> = {}): ContactRow {
  const empty = { firstName: null, lastName: null, emailAddress: null, phoneNumber: null };
  return { ...empty, id: id as ContactId, createdAtMs: 1, lastAgentId: null, lastAgentAtMs: null, ...row };
}

function loginSession(digest: string): LoginSessionRow {
  return { digest, agentId: sampleAgent, csrfToken: 'token', createdAtMs: 1, lastSeenAtMs: 2 };
}

/** What every implementation of the seam promises. */
export function journalSuite(name: string, makeStore: () => Promise<TestStore>): void {
  describe(name, () => {
    let store: TestStore;
    let journal: Journal;

    beforeEach(async () => {
      store = await makeStore();
      journal = await store.open();
    });

    afterEach(async () => {
      await journal.close();
      await store.remove();
    });

    async function reopen(): Promise<void> {
      await journal.close();
      journal = await store.open();
    }

    describe('appending', () => {
      test('runs onDurable in the order of the calls, never within one', async () => {
        const chat = new SampleChat('ordered');
        const order: number[] = [];
        await appended(journal, chat.request());
        const all = Array.from({ length: 200 }, (_, number) => {
          const done = new Promise<void>((resolve) => {
            journal.append(chat.say(String(number)), () => {
              order.push(number);
              resolve();
            });
          });
          expect(order).toEqual([]);
          return done;
        });
        await Promise.all(all);
        expect(order).toEqual(Array.from({ length: 200 }, (_, number) => number));
      });

      test('commits together what arrived during the last commit', async () => {
        const chat = new SampleChat('grouped');
        await appended(journal, chat.request());
        let groups = 0;
        let inGroup = false;
        const mark = (): void => {
          if (!inGroup) {
            inGroup = true;
            groups += 1;
            // Callbacks of one commit run one after the other, with nothing between them.
            queueMicrotask(() => (inGroup = false));
          }
        };
        const all = Array.from({ length: 500 }, (_, number) => {
          const entry = chat.say(String(number));
          return new Promise<void>((resolve) => {
            journal.append(entry, () => {
              mark();
              resolve();
            });
          });
        });
        await Promise.all(all);
        expect(groups).toBeLessThanOrEqual(10);
      });

      test('an entry without events or writes takes its turn', async () => {
        const order: string[] = [];
        const chat = new SampleChat('turns');
        journal.append(chat.request(), () => order.push('first'));
        journal.append({ events: [], writes: [] }, () => order.push('empty'));
        await appended(journal, chat.say('last'));
        expect(order).toEqual(['first', 'empty']);
      });

      test('an onDurable that throws keeps no other from running', async () => {
        const errors: unknown[] = [];
        const listeners = process.listeners('uncaughtException');
        process.removeAllListeners('uncaughtException');
        process.on('uncaughtException', (error) => errors.push(error));
        try {
          const chat = new SampleChat('throwing');
          journal.append(chat.request(), () => undefined);
          journal.append(chat.say('one'), () => {
            throw new Error('planted');
          });
          await appended(journal, chat.say('two'));
          await appended(journal, chat.say('three'));
          expect(errors).toMatchObject([{ message: 'planted' }]);
        } finally {
          process.removeAllListeners('uncaughtException');
          for (const listener of listeners) process.on('uncaughtException', listener);
        }
      });

      test('what is durable can be read from within onDurable', async () => {
        const chat = new SampleChat('read-back');
        const read = await new Promise((resolve, reject) => {
          journal.append(chat.request(), () => journal.chatEvents(chat.id).then(resolve, reject));
        });
        expect(read).toEqual(chat.events);
      });
    });

    describe('coming back', () => {
      test('a new store is empty', async () => {
        expect(await journal.recover()).toMatchObject({
          liveChats: new Map(),
          agents: [],
          loginSessions: [],
        });
        expect(await journal.chatEvents('nobody' as ChatId)).toEqual([]);
        expect(await journal.searchChats({ limit: 10 })).toEqual([]);
      });

      test('every event is there after a reopening, and the chat goes on', async () => {
        const chat = new SampleChat('lasting');
        await appended(journal, chat.request());
        await appended(journal, chat.say('before'));
        await reopen();
        expect(await journal.recover().then((found) => found.liveChats)).toEqual(
          new Map([[chat.id, chat.events]]),
        );
        await appended(journal, chat.say('after'));
        await reopen();
        expect(await journal.chatEvents(chat.id)).toEqual(chat.events);
      });

      test('recover returns exactly the chats that are not closed', async () => {
        const chats = Array.from({ length: 12 }, (_, number) => new SampleChat(`chat${number}`));
        for (const chat of chats) journal.append(chat.request(), () => undefined);
        for (const chat of chats) journal.append(chat.say(`hello from ${chat.id}`), () => undefined);
        for (const chat of chats.slice(0, 7)) await appended(journal, chat.leave());
        const live = new Map(chats.slice(7).map((chat) => [chat.id, chat.events]));
        expect((await journal.recover()).liveChats).toEqual(live);
        await reopen();
        expect((await journal.recover()).liveChats).toEqual(live);
        for (const chat of chats) expect(await journal.chatEvents(chat.id)).toEqual(chat.events);
      });

      test('a chat that ended while an agent still works on it is not closed', async () => {
        const chat = new SampleChat('after-work');
        for (const entry of [chat.request(), chat.offer(), chat.accept(), chat.leave()])
          await appended(journal, entry);
        expect([...(await journal.recover()).liveChats.keys()]).toEqual([chat.id]);
        expect(await journal.searchChats({ limit: 1 })).toMatchObject([{ state: 'Ended' }]);
        await appended(journal, chat.complete());
        expect((await journal.recover()).liveChats.size).toBe(0);
        expect(await journal.searchChats({ limit: 1 })).toMatchObject([
          { state: 'Closed', lastSeq: chat.chat.seq },
        ]);
      });

      test('agents and login sessions are as last written, deleted ones are gone', async () => {
        const agents = (['a', 'b', 'a'] as AgentId[]).map((agentId, number): TableWrite => ({
          table: 'agents',
          row: { agentId, state: { number } },
        }));
        const sessions = ['s1', 's2'].map((digest): TableWrite => ({
          table: 'login_sessions',
          row: loginSession(digest),
        }));
        await appended(journal, writes(...agents, ...sessions));
        await appended(journal, writes({ table: 'login_sessions', delete: 's1' }));
        await reopen();
        expect(await journal.recover()).toMatchObject({
          liveChats: new Map(),
          agents: [
            { agentId: 'a', state: { number: 2 } },
            { agentId: 'b', state: { number: 1 } },
          ],
          loginSessions: [loginSession('s2')],
        });
      });

      test.each([
        'a\u0000b',
        '\ud83d\ude00 \u200f \ufeff',
        '\ud800 alone',
        '"\\\'\n\u2028',
        'é vs é',
        'x'.repeat(1_000_000),
      ])('text comes back as it was sent (%#)', async (text) => {
        const [live, closed] = [new SampleChat('live'), new SampleChat('closed')];
        for (const chat of [live, closed]) {
          await appended(journal, chat.request());
          await appended(journal, chat.say(text));
        }
        await appended(journal, closed.leave());
        await reopen();
        expect(await journal.chatEvents(live.id)).toEqual(live.events);
        expect(await journal.chatEvents(closed.id)).toEqual(closed.events);
        expect((await journal.recover()).liveChats.get(live.id)).toEqual(live.events);
      });

      test(
        'any interleaving of appends, closings and reopenings keeps every log',
        { timeout: 60_000 },
        async () => {
          const anyStep = fc.record({
            chat: fc.nat(4),
            close: fc.nat(9),
            wait: fc.boolean(),
            reopen: fc.nat(29),
          });
          await fc.assert(
            fc.asyncProperty(fc.array(anyStep, { maxLength: 80 }), async (steps) => {
              await journal.close();
              await store.remove();
              store = await makeStore();
              journal = await store.open();
              const all: SampleChat[] = [];
              const open = new Map<number, SampleChat>();
              for (const [number, step] of steps.entries()) {
                let chat = open.get(step.chat);
                if (!chat) {
                  chat = new SampleChat(`chat${all.length}`);
                  all.push(chat);
                  open.set(step.chat, chat);
                  journal.append(chat.request(), () => undefined);
                }
                const closes = step.close === 0;
                if (closes) open.delete(step.chat);
                const entry = closes ? chat.leave() : chat.say(`message ${number}`);
                if (step.wait) await appended(journal, entry);
                else journal.append(entry, () => undefined);
                if (step.reopen === 0) await reopen();
              }
              await reopen();
              const live = new Map([...open.values()].map((chat) => [chat.id, chat.events]));
              expect((await journal.recover()).liveChats).toEqual(live);
              for (const chat of all) expect(await journal.chatEvents(chat.id)).toEqual(chat.events);
            }),
            { numRuns: 12 },
          );
        },
      );
    });

    describe('closing', () => {
      test('commits what was appended before, refuses what comes after', async () => {
        const chat = new SampleChat('closing');
        const durable: number[] = [];
        journal.append(chat.request(), () => durable.push(0));
        for (let number = 1; number <= 100; number++)
          journal.append(chat.say(String(number)), () => durable.push(number));
        const closed = journal.close();
        expect(() => journal.append(chat.say('too late'), () => undefined)).toThrow(
          expect.objectContaining({ code: 'closed' }),
        );
        chat.events.pop();
        await closed;
        expect(durable).toHaveLength(101);
        await expect(journal.recover()).rejects.toMatchObject({ code: 'closed' });
        await expect(journal.close()).resolves.toBeUndefined();
        journal = await store.open();
        expect(await journal.chatEvents(chat.id)).toEqual(chat.events);
      });
    });

    describe('a commit that fails', () => {
      test('is told once; nothing is acknowledged or accepted after it, and nothing acknowledged is lost', async () => {
        const chat = new SampleChat('doomed');
        await appended(journal, chat.request());
        await journal.close();
        const fatal: JournalError[] = [];
        let acknowledged = chat.chat.seq;
        let acknowledgedAfterFatal = 0;
        await new Promise<void>((resolve, reject) => {
          store
            .openFailing((error) => {
              fatal.push(error);
              resolve();
            })
            .then((failing) => {
              journal = failing;
              const next = (): void => {
                if (fatal.length > 0) return;
                for (let count = 0; count < 5; count++) {
                  const entry = chat.say('x'.repeat(2_000));
                  const seq = chat.chat.seq;
                  failing.append(entry, () => {
                    if (fatal.length > 0) acknowledgedAfterFatal += 1;
                    acknowledged = Math.max(acknowledged, seq);
                    if (seq % 5 === 0) next();
                  });
                }
              };
              next();
            }, reject);
        });
        expect(fatal).toMatchObject([{ name: 'JournalError', code: 'failed' }]);
        expect(() => journal.append(chat.say('no'), () => undefined)).toThrow(
          expect.objectContaining({ code: 'failed' }),
        );
        await journal.close();
        expect(fatal).toHaveLength(1);
        expect(acknowledgedAfterFatal).toBe(0);
        journal = await store.open();
        const events = await journal.chatEvents(chat.id);
        expect(events.length).toBeGreaterThanOrEqual(acknowledged);
        expect(acknowledged).toBeGreaterThan(4);
        expect(events).toEqual(chat.events.slice(0, events.length));
      });
    });
  });
}
