import { get } from 'node:http';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, expect, test, vi } from 'vitest';
import { Listeners } from './listeners.ts';

const open: Listeners[] = [];
afterEach(() => Promise.all(open.splice(0).map((listeners) => listeners.close())));

function newListeners(): { listeners: Listeners; http: FastifyInstance } {
  const http = fastify({ forceCloseConnections: true });
  http.get('/', async () => 'here');
  const listeners = new Listeners(http);
  open.push(listeners);
  return { listeners, http };
}

/** So many clients of another thread connect at once. */
function connectFromOutside(port: number, clients: number): Worker {
  const script = `const { connect } = require('node:net');
    for (let n = 0; n < ${clients}; n += 1) connect(${port}, '127.0.0.1');`;
  return new Worker(script, { eval: true });
}

test.runIf(process.platform === 'linux')(
  'many who come at once are let in within a few turns of a slow event loop',
  async () => {
    const { listeners, http } = newListeners();
    const { port } = await listeners.listen('127.0.0.1', 0);
    let came = 0;
    http.server.on('connection', () => (came += 1));
    const clients = connectFromOutside(port, 64);
    try {
      while (came === 0) await turn(5);
      // One socket lets one in each turn: there would be about ten.
      for (let turns = 0; turns < 10; turns += 1) await turn(20);
      expect(came).toBeGreaterThan(32);
    } finally {
      await clients.terminate();
    }
  },
);

/** A turn of the event loop that takes so long. */
async function turn(ms: number): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

test('every connection is answered, whichever socket it came by', async () => {
  const { listeners } = newListeners();
  const { port } = await listeners.listen('127.0.0.1', 0);
  const answers = await Promise.all(Array.from({ length: 100 }, () => answerOf(port)));
  expect(answers).toEqual(Array(100).fill('here'));
});

function answerOf(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ port, host: '127.0.0.1', agent: false }, (response) => {
      response.setEncoding('utf8').on('data', resolve);
    });
    request.on('error', reject);
  });
}

test('who comes second to a port is refused', async () => {
  const { port } = await newListeners().listeners.listen('127.0.0.1', 0);
  await expect(newListeners().listeners.listen('127.0.0.1', port)).rejects.toMatchObject({
    code: 'EADDRINUSE',
    syscall: 'listen',
  });
});

test('closing ends the idle connections of all sockets, and then nobody is let in', async () => {
  const { listeners, http } = newListeners();
  const { port } = await listeners.listen('127.0.0.1', 0);
  let came = 0;
  http.server.on('connection', () => (came += 1));
  const sockets = Array.from({ length: 50 }, () => connect(port, '127.0.0.1'));
  const ends = sockets.map((socket) => new Promise((resolve) => socket.on('close', resolve)));
  await vi.waitUntil(() => came === sockets.length);
  await listeners.close();
  await Promise.all(ends);
  await expect(answerOf(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('a port that was given up can be listened on at once', async () => {
  const first = newListeners().listeners;
  const { port } = await first.listen('127.0.0.1', 0);
  await first.close();
  await expect(newListeners().listeners.listen('127.0.0.1', port)).resolves.toMatchObject({ port });
});
