import { setTimeout as pause } from 'node:timers/promises';
import { LatencySketch } from '@parley/load/figures/latency-sketch.ts';
import { startEcho } from './load-echo.ts';
import { openLongPolling, openWebSocket } from './load-session.ts';
import type { LoadSession } from './load-session.ts';
import { nowUs, pairChannel, pairPayload } from './orders.ts';
import type { LoadAnswer, LoadJob, LoadOrder } from './orders.ts';

// The load of one run: a process that opens the sessions, keeps the messages going and counts what comes.

const openAtOnce = 25;
const drainMs = 1_500;

const job = JSON.parse(process.argv[2] ?? '{}') as LoadJob;
const sketch = new LatencySketch();
const sessions: LoadSession[] = [];
/** The number of the last message each session received; a gap is a loss, a number not above it a double. */
const lastNumber: number[] = [];
const idlePairs: number[] = [];
/** Per pair: the number of its last message and how much of it is still to come (2 deliveries and 1 reply). */
const published: number[] = [];
const outstanding: number[] = [];
let underWay = 0;
let running = false;
let beganUs = 0;
let lost = 0;
let twice = 0;
let refused = 0;

const events = {
  delivery: (session: LoadSession, atUs: number, n: number) => {
    sketch.add(nowUs() - atUs);
    const last = lastNumber[session.index] ?? 0;
    if (n <= last) {
      twice += 1;
      return;
    }
    lost += n - last - 1;
    lastNumber[session.index] = n;
    if (job.load === 'closed') settle(session.index >> 1);
  },
  published: (session: LoadSession) => settle(session.index >> 1),
  refused: (_: LoadSession, text: string) => {
    refused += 1;
    if (refused < 3) console.error(`refused: ${text.slice(0, 300)}`);
  },
};

function settle(pair: number): void {
  const left = (outstanding[pair] ?? 0) - 1;
  outstanding[pair] = left;
  if (left > 0) return;
  underWay -= 1;
  idlePairs.push(pair);
  if (running) publishMore();
}

function publishMore(): void {
  while (underWay < job.window && idlePairs.length > 0) {
    const pair = idlePairs.shift() as number;
    const n = (published[pair] ?? 0) + 1;
    published[pair] = n;
    outstanding[pair] = 3;
    underWay += 1;
    sessions[pair * 2]?.publish(pairChannel(pair), JSON.stringify(pairPayload(nowUs(), n)));
  }
}

async function open(count: number): Promise<void> {
  const target = sessions.length + count;
  let next = sessions.length;
  let browserCookie = '';
  const worker = async (): Promise<void> => {
    while (next < target) {
      const index = next;
      next += 1;
      lastNumber[index] = 0;
      const options = {
        port: job.port,
        index,
        channel: pairChannel(index >> 1),
        cookie: browserCookie,
        events,
      };
      if (job.transport === 'websocket') sessions[index] = await openWebSocket(options);
      else {
        const session = await openLongPolling(options);
        if (job.tabs > 1) browserCookie = session.cookie;
        sessions[index] = session;
      }
    }
  };
  const workers = job.tabs > 1 ? 1 : openAtOnce;
  await Promise.all(Array.from({ length: workers }, worker));
}

async function finish(): Promise<void> {
  const elapsedMs = (nowUs() - beganUs) / 1000;
  const deliveries = job.load === 'echo' ? echoes.count() : sketch.total;
  const result = { deliveries, elapsedMs, p50Ms: sketch.quantileMs(0.5), p99Ms: sketch.quantileMs(0.99) };
  running = false;
  const deadline = performance.now() + drainMs;
  while (underWay > 0 && performance.now() < deadline) await pause(20);
  for (const [pair, left] of outstanding.entries()) if (left > 0) lost += undelivered(pair);
  answer({ kind: 'result', ...result, lost, twice, refused });
}

function undelivered(pair: number): number {
  const n = published[pair] ?? 0;
  return n - (lastNumber[pair * 2] ?? 0) + (n - (lastNumber[pair * 2 + 1] ?? 0));
}

function answer(message: LoadAnswer): void {
  process.send?.(message);
}

async function obey(order: LoadOrder): Promise<void> {
  if (order.kind === 'more') {
    await open(order.sessions);
    answer({ kind: 'ready' });
  } else if (order.kind === 'begin') {
    sketch.clear();
    echoes.clear();
    beganUs = nowUs();
  } else await finish();
}

process.on('disconnect', () => process.exit());
process.on('message', (order: LoadOrder) => void obey(order));
const echoes = job.load === 'echo' ? startEcho(job, sketch) : { count: () => 0, clear: () => {} };
if (job.load !== 'echo') await open(job.sessions);
answer({ kind: 'ready' });
running = true;
if (job.load === 'closed') {
  for (let pair = 0; pair < job.sessions / 2; pair += 1) idlePairs.push(pair);
  publishMore();
}
