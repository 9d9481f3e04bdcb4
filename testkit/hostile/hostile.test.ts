import { AgentClient } from '@parley/client/agent-client.ts';
import { CustomerClient } from '@parley/client/customer-client.ts';
import { demoPassword } from '@parley/server/config/demo.ts';
import { seededRandom, type Random } from '@parley/server/routing/seeded-random.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { problemOf, type HostileAnswer } from './answers.ts';
import { nextAttack, type Attack, type Known } from './attack.ts';
import { byteAttacks, sendBytes } from './byte-attacks.ts';
import { HostileServer } from './hostile-server.ts';
import { LongestStretch } from './longest-stretch.ts';

// A run again, or a longer one: PARLEY_HOSTILE_SEED=7 PARLEY_HOSTILE_REQUESTS=100000 npx vitest run testkit/hostile
const seed = Number(process.env['PARLEY_HOSTILE_SEED'] ?? Date.now() % 1_000_000);
const count = Number(process.env['PARLEY_HOSTILE_REQUESTS'] ?? 10_000);
const parallel = 16;
/** Nothing takes so long but what goes round for ever. */
const answerWithinMs = 20_000;
/** Of processor time, for one input. A body that is larger than any that the default configuration takes has more of it. */
const longestMs = 50;
const largeBytes = 512 * 1024;
/** Of what a heap may keep: chats that were opened, answers by idempotency key, caches that fill up. */
const growthBytes = 60 * 1024 * 1024;
/** What the allocator keeps of bodies of megabytes that were under way at the same time. */
const residentBytes = 256 * 1024 * 1024;

const connections = new Agent({ keepAlive: true, maxSockets: parallel });
let dataFolder: string;
let server: HostileServer;
let baseUrl: string;

beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'parley-hostile-'));
  ({ server, url: baseUrl } = await HostileServer.start(dataFolder));
});

afterAll(async () => {
  connections.destroy();
  await server.stop();
  await rm(dataFolder, { recursive: true, force: true });
});

/** A connection that is used again may have been closed meanwhile, for what came before: then on one of its own. */
async function send(next: Attack): Promise<HostileAnswer> {
  try {
    return await sendOver(connections, next);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ECONNRESET' && code !== 'EPIPE') throw error;
    return sendOver(false, next);
  }
}

function sendOver(
  agent: Agent | false,
  { way, method, path, headers, body }: Attack,
): Promise<HostileAnswer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(baseUrl);
    const length = body.length > 0 || method !== 'GET' ? { 'content-length': body.length } : {};
    const outgoing = request(
      { host: hostname, port, agent, method, path, headers: { ...headers, ...length } },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const { statusCode: status = 0, headers: answered } = incoming;
          resolve({ way, status, headers: answered, body: Buffer.concat(chunks).toString() });
        });
      },
    );
    outgoing.setTimeout(answerWithinMs, () => outgoing.destroy(new Error('no answer in time')));
    // A body that is refused while it is still being sent: the answer may be lost with the connection.
    outgoing.on('error', (error: NodeJS.ErrnoException) =>
      body.length > 1_000_000 && ['EPIPE', 'ECONNRESET'].includes(error.code ?? '')
        ? resolve({ way: 'bytes', status: 0, headers: {}, body: '' })
        : reject(error),
    );
    outgoing.end(body);
  });
}

async function handshake(): Promise<{ clientId: string; cookie: string }> {
  const message = { channel: '/meta/handshake', version: '1.0', supportedConnectionTypes: ['long-polling'] };
  const response = await fetch(`${baseUrl}/genesys/cometd`, {
    method: 'POST',
    body: JSON.stringify([message]),
  });
  const [{ clientId }] = (await response.json()) as [{ clientId: string }];
  return { clientId, cookie: response.headers.getSetCookie()[0]?.split(';')[0] ?? '' };
}

async function prepare(): Promise<Known> {
  const chats = [];
  for (let number = 0; number < 10; number += 1) {
    const customer = new CustomerClient({ baseUrl, service: 'customer-support' });
    const { chatId, secureKey } = await customer.requestChat({
      nickname: `Customer ${number}`,
      text: 'Hello',
    });
    chats.push({ chatId, secureKey });
  }
  const opened = await fetch(`${baseUrl}/api/v2/chats`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ operationName: 'RequestChat', nickname: 'A', service: 'customer-support' }),
  });
  const { id } = (await opened.json()) as { id?: string };
  const agents = ['marat', 'admin'].map(
    (name) => `Basic ${Buffer.from(`${name}:${demoPassword}`).toString('base64')}`,
  );
  const marat = new AgentClient({ baseUrl, userName: 'marat', password: demoPassword });
  const { id: userId } = await marat.signIn();
  await marat.startSession();
  await marat.setState('Ready');
  const { clientId, cookie: pushCookie } = await handshake();
  return { chats, secrets: [id ?? 'none'], userIds: [userId], clientId, pushCookie, agents };
}

/** A chat from its request to its end, with an agent whom nobody has attacked, in a queue of its own. */
async function ordinaryChat(): Promise<readonly string[]> {
  const kristi = new AgentClient({ baseUrl, userName: 'kristi', password: demoPassword });
  await kristi.signIn();
  await kristi.startSession();
  await kristi.setState('Ready');
  const customer = new CustomerClient({ baseUrl, service: 'witness' });
  const { chatId } = await customer.requestChat({ nickname: 'PersonP' });
  await vi.waitFor(
    async () => {
      for (const chat of await kristi.chats())
        if (chat.id !== chatId && chat.state === 'Invited') await kristi.reject(chat.id);
      await kristi.accept(chatId, { nickname: 'Kristi' });
    },
    { timeout: 20_000, interval: 100 },
  );
  await customer.send('Hello');
  await kristi.sendMessage(chatId, 'Hi');
  const { messages } = await customer.refresh(1);
  await customer.disconnect();
  return messages.flatMap(({ type, text }) => (type === 'Message' ? [text ?? ''] : []));
}

/** What is wrong with the answer to it; null when nothing is. */
async function problemAfter(next: Attack): Promise<string | null> {
  const problem = await send(next).then(
    (answer) => {
      const wrong = problemOf(answer);
      return wrong === null ? null : `${wrong}: ${answer.status} ${answer.body.slice(0, 200)}`;
    },
    (error: unknown) => String(error),
  );
  return problem === null ? null : `${problem}\n    after ${shown(next)}`;
}

function shown({ method, path, headers, body }: Attack): string {
  return `${method} ${path.slice(0, 150)} ${JSON.stringify(headers).slice(0, 300)} ${String(body).slice(0, 300)}`;
}

async function attack(random: Random, known: Known, numbers: number): Promise<readonly string[]> {
  const problems: string[] = [];
  let left = numbers;
  const worker = async (): Promise<void> => {
    while (left-- > 0 && problems.length < 20 && server.isRunning) {
      const problem = await problemAfter(nextAttack(random, known));
      if (problem !== null) problems.push(problem);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return problems;
}

/** One after the other, so that the processor time of the server is that of one input, from its first byte to its answer. */
async function attackOneByOne(random: Random, known: Known, numbers: number): Promise<readonly string[]> {
  const problems: string[] = [];
  for (let left = numbers; left > 0 && problems.length < 20 && server.isRunning; left -= 1) {
    const next = nextAttack(random, known);
    const stretch = new LongestStretch(() => server.threadMs());
    await stretch.of(
      () => shown(next),
      async () => {
        const problem = await problemAfter(next);
        if (problem !== null) problems.push(problem);
      },
    );
    const allowedMs = longestMs * Math.ceil((next.body.length + 1) / largeBytes);
    if (stretch.longestMs > allowedMs)
      problems.push(`${stretch.longestMs} ms of processor time\n    after ${stretch.what}`);
  }
  return problems;
}

test(
  'what no client sends gets an answer that the documents know, and nothing more',
  { timeout: 300_000 },
  async () => {
    console.log(`seed ${seed}`);
    const random = seededRandom(seed);
    const known = await prepare();
    // Caches and compiled code are there, and as many chats as may be, before it is measured.
    const problems = [...(await attack(random, known, count * 0.2))];
    const before = await server.memory();
    problems.push(...(await attack(random, known, count * 0.8)));
    problems.push(...(await attackOneByOne(random, known, count * 0.1)));
    const { host, port } = new URL(baseUrl);
    const sent = Object.entries(byteAttacks).map(async ([name, bytes]) => {
      const answer = await sendBytes(Number(port), bytes(host));
      const problem = problemOf(answer);
      if (problem !== null)
        problems.push(`${name}: ${problem}\n    ${answer.status} ${answer.body.slice(0, 200)}`);
    });
    await Promise.all(sent);
    expect(problems.join('\n')).toBe('');
    expect(server.isRunning, server.log.slice(-3000)).toBe(true);
    expect(server.errors.slice(0, 5)).toEqual([]);
    const after = await server.memory();
    console.log(JSON.stringify({ before, after, own: process.cpuUsage() }));
    expect(after.heapUsed - before.heapUsed).toBeLessThan(growthBytes);
    expect(after.rss - before.rss).toBeLessThan(residentBytes);
    expect(await ordinaryChat()).toEqual(['Hello', 'Hi']);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  },
);
