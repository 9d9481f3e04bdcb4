import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';

// An offer counts from when it is decided, and is shown when it is on disk. Here the disk takes its time between the two.

const ringsMs = 30_000;

const gate = new SharedArrayBuffer(4);
/** While it is shut the store commits nothing. */
function setShut(isShut: boolean): void {
  const state = new Int32Array(gate);
  Atomics.store(state, 0, isShut ? 1 : 0);
  Atomics.notify(state, 0);
}

let folder: string;
let box: ServerInABox<ManualClock>;

beforeEach(async () => {
  setShut(false);
  // Of its own, so that the store is the embedded one.
  folder = await mkdtemp(join(tmpdir(), 'parley-late-offer-'));
  const config = { queues: [{ name: 'support', offerTimeoutMs: ringsMs }] };
  box = await startServer({ config, dataFolder: folder, storeFaults: { gate } });
});

afterEach(async () => {
  setShut(false);
  await box.stop();
  await rm(folder, { recursive: true });
});

/** The offers as they are decided. */
async function openOffers(): Promise<number> {
  const text = await (await fetch(`${box.baseUrl}/metrics`)).text();
  return Number(/^parley_chats\{state="Offered"\} (.*)$/m.exec(text)?.[1]);
}

test('an offer that waits for the disk for longer than it rings is not held against its agent', async () => {
  const marat = box.agent('marat');
  await marat.goToWork();
  setShut(true);
  const customer = box.customer();
  const opening = customer.requestChat({ nickname: 'PersonP' });
  await vi.waitFor(async () => expect(await openOffers()).toBe(1), { timeout: 10_000, interval: 10 });
  box.clock.advance(3 * ringsMs);
  setShut(false);
  await opening;
  const { id } = await marat.offered();
  box.clock.advance(ringsMs - 1);
  expect(await marat.channels()).toMatchObject([{ userState: { state: 'Ready' } }]);
  expect(await openOffers()).toBe(1);
  await marat.accept(id, { nickname: 'Marat' });
});

test('one that was shown late and not answered is, after the whole time', async () => {
  const marat = box.agent('marat');
  await marat.goToWork();
  setShut(true);
  const opening = box.customer().requestChat({ nickname: 'PersonP' });
  await vi.waitFor(async () => expect(await openOffers()).toBe(1), { timeout: 10_000, interval: 10 });
  box.clock.advance(ringsMs / 2);
  setShut(false);
  await opening;
  await marat.offered();
  box.clock.advance(ringsMs - 1);
  expect(await openOffers()).toBe(1);
  box.clock.advance(1);
  await marat.stateOf('Revoked');
  await vi.waitFor(async () =>
    expect(await marat.channels()).toMatchObject([{ userState: { state: 'NotReady' } }]),
  );
});
