import { afterEach, expect, it } from 'vitest';
import { pick, type Random } from '@parley/server/routing/seeded-random.ts';
import { calm, stormy, type Weather } from './simulated-network.ts';
import { KeepingReader, SessionsWorld } from './sessions-world.ts';

// R6 and R7 of many sessions at once, on simulated time: how many is told in docs/proofs.md.

/** Sessions resumed, and sessions of 100 cuts each. */
const resumedSessions = Number(process.env['PARLEY_RESUMED_SESSIONS'] ?? 1_000);
const cutSessions = Number(process.env['PARLEY_CUT_SESSIONS'] ?? 50);
/** Of the world whose sessions are cut: many are played in pieces, each with a seed of its own. */
const cutSeed = Number(process.env['PARLEY_CUT_SEED'] ?? 6);

const cutsOfEach = 100;
/** Of ten requests three never arrive, and of the others' answers three in ten. */
const dreadful: Weather = { ...stormy, requestLost: 0.3, answerLost: 0.3, repeated: 0.1 };

const chatCount = 10;
const readersPerChat = 10;
const sayEveryMs = 20_000;
const [shortestAbsenceMs, longestAbsenceMs] = [1_000, 600_000];

let world: SessionsWorld;

afterEach(() => world.end());

const absenceMs = (random: Random): number =>
  shortestAbsenceMs * (longestAbsenceMs / shortestAbsenceMs) ** random();

it(
  `${resumedSessions} sessions go on after absences of 1 s to 10 min, through restarts, in the same tab and in another: nothing is missed`,
  { timeout: 600_000 },
  async () => {
    world = new SessionsWorld(7);
    await world.start();
    const { random, clock, network } = world;
    let resumed = 0;
    let isOver = false;
    const speakers = Array.from({ length: chatCount }, (_, at) => world.polling(`speaker ${at}`));
    for (const speaker of speakers) await world.during(speaker.requestChat({ nickname: 'PersonP' }));
    const speak = async (speaker: (typeof speakers)[number]): Promise<void> => {
      for (let said = 1; !isOver; said += 1) {
        await speaker.send(`text ${said}`);
        await clock.pause(random() * 2 * sayEveryMs);
      }
    };
    const goAndComeBack = async (
      name: string,
      speaker: (typeof speakers)[number],
    ): Promise<KeepingReader> => {
      const reader = new KeepingReader();
      reader.read(world.tab(name, speaker.credentials));
      while (resumed < resumedSessions) {
        await clock.pause(random() * 10_000);
        resumed += 1;
        const kind = pick(random, ['cut', 'half-open', 'another tab'] as const);
        if (kind === 'another tab') await reader.close();
        else network.cutOff(name, kind === 'half-open');
        await clock.pause(absenceMs(random));
        if (kind === 'another tab') reader.read(world.tab(name, speaker.credentials));
        else network.reconnect(name);
      }
      return reader;
    };
    const speaking = speakers.map(speak);
    const reading = speakers.flatMap((speaker, chat) =>
      Array.from({ length: readersPerChat }, (_, at) => goAndComeBack(`reader ${chat} ${at}`, speaker)),
    );
    for (let restarts = 0; restarts < 4; restarts += 1) {
      await world.time.run(random() * 120_000);
      await world.restart();
    }
    const readers = await world.during(Promise.all(reading));
    isOver = true;
    await world.during(Promise.all(speaking));
    // As long as a client pauses at most before it tries again.
    await world.time.run(60_000);
    for (const [at, speaker] of speakers.entries()) {
      const { messages } = await world.during(speaker.refresh(1));
      for (const { events } of readers.slice(at * readersPerChat, (at + 1) * readersPerChat))
        expect(events).toEqual(messages);
    }
    for (const reader of readers) await world.during(reader.close());
    expect(world.problems).toEqual([]);
    expect(resumed).toBeGreaterThanOrEqual(resumedSessions);
  },
);

it(
  `${cutSessions} sessions whose requests are cut ${cutsOfEach} times each: everything is said once and in order (seed ${cutSeed})`,
  { timeout: 600_000 },
  async () => {
    world = new SessionsWorld(cutSeed);
    await world.start();
    const { network } = world;
    const customers = Array.from({ length: cutSessions }, (_, at) => world.polling(`customer ${at}`));
    await world.during(
      Promise.all(customers.map((customer) => customer.requestChat({ nickname: 'PersonP' }))),
    );
    network.weather = dreadful;
    const talk = async (at: number, customer: (typeof customers)[number]): Promise<readonly string[]> => {
      // Every second one publishes, and hears what it says by push.
      const side = at % 2 === 0 ? customer : world.tab(`tab ${at}`, customer.credentials);
      const said: string[] = [];
      while (network.counts.broken < cutSessions * cutsOfEach) {
        const text = `text ${said.length + 1}`;
        await side.send(text, { deadlineMs: longestAbsenceMs * 100 });
        said.push(text);
      }
      if (side !== customer) await side.close();
      return said;
    };
    const said = await world.during(Promise.all(customers.map((customer, at) => talk(at, customer))));
    network.weather = calm;
    for (const [at, customer] of customers.entries()) {
      const { messages } = await world.during(customer.refresh(1));
      expect(messages.map(({ index }) => index)).toEqual(messages.map((_, place) => place + 1));
      const texts = messages.filter(({ type }) => type === 'Message').map(({ text }) => text);
      expect(texts).toEqual(said[at]);
    }
    expect(world.problems).toEqual([]);
    expect(network.counts.doubled).toBeGreaterThan(cutSessions);
  },
);
