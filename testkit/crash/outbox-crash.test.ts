import { CustomerClient } from '@parley/client/customer-client.ts';
import { seededRandom } from '@parley/server/routing/seeded-random.ts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { hookSecret, WebhookReceiver } from '../webhook-receiver.ts';
import { ServerProcess } from '@parley/load/server/server-process.ts';

// A longer run by hand: PARLEY_CRASH_KILLS=50 PARLEY_CRASH_SEED=7 npx vitest run testkit/crash/outbox
const kills = Math.min(Number(process.env['PARLEY_CRASH_KILLS'] ?? 4), 50);
const seed = Number(process.env['PARLEY_CRASH_SEED'] ?? Date.now() % 1_000_000);

let folder: string;
let crm: WebhookReceiver;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-outbox-crash-'));
  crm = await WebhookReceiver.start();
  const hook = {
    name: 'crm',
    url: crm.url,
    secret: hookSecret,
    includeText: true,
    allowPrivateAddresses: true,
  };
  const outbox = { firstDelayMs: 20, longestDelayMs: 100, maxAttempts: 1000 };
  const config = { logLevel: 'error', webhooks: [{ ...hook, events: ['MessageSent'] }], outbox };
  await writeFile(join(folder, 'parley.yaml'), JSON.stringify(config));
});

afterAll(async () => {
  await crm.stop();
  await rm(folder, { recursive: true, force: true });
});

function startServer(): ServerProcess {
  return new ServerProcess({
    dataFolder: join(folder, 'data'),
    configPath: join(folder, 'parley.yaml'),
  });
}

/** Says one thing after the other until the server is gone; keeps what was acknowledged. */
async function talk(baseUrl: string, name: string, acknowledged: Set<string>): Promise<void> {
  // Whoever is cut off by a kill does not come back.
  const customer = new CustomerClient({
    baseUrl,
    service: 'customer-support',
    retry: { deadlineMs: 0 },
  });
  try {
    await customer.requestChat({ nickname: name });
    for (let number = 1; ; number += 1) {
      await customer.send(`${name} ${number}`);
      acknowledged.add(`${name} ${number}`);
      // Slower than the limit of what one chat may say.
      await pause(100);
    }
  } catch {
    // The server was killed.
  }
}

test(
  'whatever was acknowledged is told to webhooks, in the order of each chat, through any number of kill -9',
  { timeout: 120_000 + kills * 10_000 },
  async () => {
    console.log(`seed ${seed}`);
    const random = seededRandom(seed);
    // Some fail, so that there is something to repeat when the server is killed.
    crm.answering = () => (random() < 0.4 ? 500 : 200);
    const acknowledged = new Set<string>();
    for (let kill = 0; kill < kills; kill += 1) {
      const server = startServer();
      const url = await server.ready;
      const talks = Array.from({ length: 6 }, (_, one) => talk(url, `${kill}-${one}`, acknowledged));
      await pause(400 + 1200 * random());
      await server.kill();
      await Promise.all(talks);
    }
    const last = startServer();
    await last.ready;
    crm.answering = () => 200;
    const told = (): Set<string> =>
      new Set(
        crm.calls.map(({ message }) => (message.type === 'MessageSent' ? (message.data.text ?? '') : '')),
      );
    await vi.waitFor(() => expect([...acknowledged].filter((text) => !told().has(text))).toEqual([]), {
      timeout: 60_000,
      interval: 100,
    });
    await last.stop();
    expect(crm.refused).toEqual([]);
    expect(acknowledged.size).toBeGreaterThan(kills * 6);
    // One id, one message; and each chat's come in its order, but for those that come again.
    const bodies = new Map<string, string>();
    const newest = new Map<string, number>();
    for (const { id, body, message } of crm.calls) {
      expect(bodies.get(id) ?? body).toBe(body);
      if (bodies.has(id)) continue;
      bodies.set(id, body);
      expect(message.data.seq).toBeGreaterThan(newest.get(message.data.chatId) ?? 0);
      newest.set(message.data.chatId, message.data.seq);
    }
  },
);
