import { expect, it } from 'vitest';
import { CustomerPushClient } from './customer-push-client.ts';
import type { Fetch } from './fetch.ts';
import type { Scheduler } from './scheduler.ts';

/** Time that stands still until it is told to pass. */
class HandTurned implements Scheduler {
  #nowMs = 0;
  #timers: { readonly atMs: number; readonly run: () => void }[] = [];

  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, run };
    this.#timers.push(timer);
    return () => void (this.#timers = this.#timers.filter((one) => one !== timer));
  }

  /** In steps, so that what follows from a timer can set another. */
  async pass(forMs: number): Promise<void> {
    for (const untilMs = this.#nowMs + forMs; this.#nowMs < untilMs; this.#nowMs += 100) {
      const due = this.#timers.filter(({ atMs }) => atMs <= this.#nowMs);
      this.#timers = this.#timers.filter((timer) => !due.includes(timer));
      for (const { run } of due) run();
      await settled();
    }
  }
}

/** Whatever needs no time has happened. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A tab that reads a chat, from a server that does to every request what `answer` does. */
function readingTab(answer: Fetch) {
  const time = new HandTurned();
  const tab = new CustomerPushClient({
    ...{ baseUrl: 'http://parley.test', service: 'customer-support', scheduler: time },
    fetch: answer,
  });
  tab.resume({ chatId: 'chat', userId: 'user', secureKey: 'secret', alias: '1' });
  const events = tab.events();
  const first = events.next().catch(() => undefined);
  return { time, tab, first };
}

const unreachable: Fetch = () => Promise.reject(new TypeError('fetch failed'));
const sentAway: Fetch = () =>
  Promise.resolve(
    new Response(
      JSON.stringify([{ channel: '/meta/handshake', successful: false, advice: { reconnect: 'none' } }]),
    ),
  );

it.each([
  ['is not there', unreachable],
  ['sends it away', sentAway],
  ['is too busy', () => Promise.resolve(new Response('', { status: 503 }))],
] satisfies [string, Fetch][])(
  'asks a server that %s again after longer and longer pauses',
  async (_, answer) => {
    let requests = 0;
    const { time, tab, first } = readingTab((...request) => {
      requests += 1;
      // Without a pause it would never end.
      return requests > 1_000 ? new Promise(() => {}) : answer(...request);
    });
    await settled();
    expect(requests).toBe(1);
    await time.pass(60_000);
    // After pauses of 0.2 s, 0.4 s and so on to 5 s at most, of which chance takes a half on average.
    expect(requests).toBeGreaterThan(8);
    expect(requests).toBeLessThan(80);
    await tab.close();
    await first;
  },
);
