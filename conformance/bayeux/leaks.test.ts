import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EngineUnderTest } from './lib/engine-under-test.ts';
import { pollingWays, socketWays } from './lib/ways-to-go.ts';
import type { WayToGo } from './lib/ways-to-go.ts';

// 10,000 sessions come and go in every way they can: nothing of them stays in a map or in memory.

const sessions = 10_000;
const sessionsAtOnce = 48;
/** Sessions that warm the code up and let the heap find its size before anything is compared. */
const warmUpSessions = 1_500;
/** 50 bytes a session: less than a forgotten timer or map entry takes, more than two collections differ by. */
const heapSlackBytes = sessions * 50;

const nothing = {
  ...{
    sessions: 0,
    browsers: 0,
    principals: 0,
    subscribedChannels: 0,
    sockets: 0,
    timers: 0,
    connections: 0,
  },
};

let engine: EngineUnderTest;

beforeEach(async () => {
  engine = await EngineUnderTest.start({ timeoutMs: 400, maxIntervalMs: 400, socketIdleMs: 1_000 });
});

afterEach(() => engine?.stop());

test(`${sessions} sessions, every way mixed with every other`, { timeout: 90_000 }, async () => {
  const ways = [...Object.values(pollingWays), ...Object.values(socketWays)];
  await comeAndGo(ways, warmUpSessions);
  await forgotten();
  const before = await engine.call('memory', null);
  await comeAndGo(ways, sessions);
  await forgotten();
  expect(await engine.call('counts', null)).toEqual(nothing);
  const after = await engine.call('memory', null);
  expect(after.heapUsed - before.heapUsed).toBeLessThan(heapSlackBytes);
  const { errors, counters } = await engine.call('troubles', null);
  expect(errors).toEqual([]);
  // The count is the proof that sessions were made and that both ends were reached.
  expect(counters['handshakes']).toBeGreaterThan(sessions * 0.9);
  expect(counters['sessionsExpired']).toBeGreaterThan(sessions * 0.4);
  expect(counters['sessionsDisconnected']).toBeGreaterThan(sessions * 0.1);
});

describe.each([
  ['long-polling', pollingWays],
  ['websocket', socketWays],
] as const)('a session over %s', (_, ways) => {
  test.each(Object.entries(ways))('%s: nothing of it stays', async (_name, way) => {
    await comeAndGo([way], 40);
    await forgotten();
    expect(await engine.call('counts', null)).toEqual(nothing);
    expect((await engine.call('troubles', null)).errors).toEqual([]);
  });
});

async function comeAndGo(ways: readonly WayToGo[], count: number): Promise<void> {
  const leftOpen: (() => void)[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const n = next;
      next += 1;
      const close = await (ways[n % ways.length] as WayToGo)(engine.port, n);
      if (close !== undefined) leftOpen.push(close);
      if (n % 50 === 0) await engine.publish('/leak/all', { n });
    }
  };
  await Promise.all(Array.from({ length: sessionsAtOnce }, worker));
  // What nobody reads is given up by the server before the other end closes.
  await engine.until('the server gave all sessions up', (counts) => counts.sessions === 0);
  for (const close of leftOpen) close();
}

async function forgotten(): Promise<void> {
  await engine.until('everything is closed and expired', (counts) =>
    Object.values(counts).every((count) => count === 0),
  );
}
