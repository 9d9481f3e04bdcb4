import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Journal } from './journal.ts';
import { appended, type TestStore } from './journal-suite.ts';
import { SampleChat } from './sample-chat.ts';

/** What every implementation of the seam does while there is no room for what it should store (docs/adr/0017). */
export function fullDiskSuite(name: string, makeStore: () => Promise<TestStore>): void {
  describe(`${name}, on a disk that is full`, () => {
    let store: TestStore;
    let journal: Journal;
    let chat: SampleChat;
    /** What `onFull` has heard. */
    let told: (string | null)[];
    /** The `seq` of everything durable, in order. */
    let durable: number[];

    beforeEach(async () => {
      store = await makeStore();
      told = [];
      durable = [];
      journal = await store.open((sentence) => told.push(sentence));
      chat = new SampleChat('lasting');
      await appended(journal, chat.request());
    });

    afterEach(async () => {
      await store.makeRoom();
      await journal.close();
      await store.remove();
    });

    /** Long enough that the database has to grow for it soon. */
    function say(): void {
      const entry = chat.say('x'.repeat(2_000));
      const { seq } = chat.chat;
      journal.append(entry, () => durable.push(seq));
    }

    /** Appends until a commit has found no room; some more are taken before anybody knows. */
    async function fillUp(): Promise<void> {
      await store.fill();
      await expect
        .poll(
          () => {
            if (told.length === 0) for (let count = 0; count < 3; count += 1) say();
            return told.length;
          },
          { interval: 5, timeout: 15_000 },
        )
        .toBe(1);
    }

    function expectNothingTaken(): void {
      const { length } = chat.events;
      expect(() => journal.append(chat.say('too late'), () => undefined)).toThrow(
        expect.objectContaining({ code: 'full' }),
      );
      chat.events.length = length;
    }

    test('what was taken waits, nothing more is taken, and reads go on', async () => {
      await fillUp();
      expect(told).toEqual([expect.stringMatching(/full/)]);
      expect(journal.meter.isFull).toBe(true);
      expect(journal.meter.waitingEntries).toBeGreaterThan(0);
      expectNothingTaken();
      const onDisk = durable.length;
      const events = await journal.chatEvents(chat.id);
      // Its request is there as well.
      expect(events).toEqual(chat.events.slice(0, chat.events.length - journal.meter.waitingEntries));
      expect((await journal.searchChats({ limit: 10 })).map(({ id }) => id)).toEqual([chat.id]);
      expect(durable).toHaveLength(onDisk);
    });

    test(
      'once there is room all of it goes in, once and in its order, within 2 s',
      { timeout: 30_000 },
      async () => {
        await fillUp();
        expect(told).toHaveLength(1);
        expectNothingTaken();
        const roomAtMs = performance.now();
        await store.makeRoom();
        await expect.poll(() => told.length, { interval: 5, timeout: 15_000 }).toBe(2);
        expect(performance.now() - roomAtMs).toBeLessThan(2_000);
        expect(told[1]).toBeNull();
        await appended(journal, chat.say('there is room again'));
        expect(journal.meter).toMatchObject({ isFull: false, waitingEntries: 0, oldestAtMs: null });
        const said = chat.events.filter(({ event }) => event.type === 'TextSent').map(({ seq }) => seq);
        expect(durable).toEqual(said.slice(0, -1));
        expect(await journal.chatEvents(chat.id)).toEqual(chat.events);
        await journal.close();
        journal = await store.open();
        expect((await journal.recover()).liveChats).toEqual(new Map([[chat.id, chat.events]]));
      },
    );

    test('a store that is closed meanwhile waits for room first', async () => {
      await fillUp();
      const closed = journal.close();
      expect(() => journal.append(chat.say('too late'), () => undefined)).toThrow(
        expect.objectContaining({ code: 'closed' }),
      );
      chat.events.pop();
      await store.makeRoom();
      await closed;
      journal = await store.open();
      expect(await journal.chatEvents(chat.id)).toEqual(chat.events);
    });
  });
}
