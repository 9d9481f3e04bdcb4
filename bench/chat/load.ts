import { setTimeout as pause } from 'node:timers/promises';
import { CustomerClient } from '@parley/client/customer-client.ts';
import { LatencySketch } from '@parley/load/figures/latency-sketch.ts';
import { HttpPipe } from '../push/http-pipe.ts';
import { nowUs } from '../push/orders.ts';
import { idleService, type LoadAnswer, type LoadJob, type LoadOrder } from './orders.ts';
import { openPair } from './pair.ts';
import type { Pair } from './sides.ts';
import { openPush, signIn } from './parley-pair.ts';

// The load of one run: a closed loop. Each customer sends the next message when the last one was answered and its
// agent has received it; each agent polls again as soon as a poll is answered.

const drainMs = 2_000;
/** Requests under way while the background is set up. */
const setUpAtOnce = 16;

const job = JSON.parse(process.argv[2] ?? '{}') as LoadJob;
const sketch = new LatencySketch();
let running = true;
let beganUs = 0;
let underWay = 0;
let lost = 0;
let twice = 0;

type Loop = { go: () => void; unreceived: () => number };

async function startPair(number: number): Promise<Loop> {
  let sent = 0;
  let received = 0;
  /** The answer to the customer and the delivery to the agent. */
  let outstanding = 0;
  const go = (): void => {
    outstanding = 2;
    underWay += 1;
    pair.say(nowUs(), (sent += 1));
  };
  const settle = (): void => {
    outstanding -= 1;
    if (outstanding > 0) return;
    underWay -= 1;
    if (running) go();
  };
  const pair: Pair = await openPair(job, number, {
    answered: settle,
    received(atUs, n) {
      sketch.add(nowUs() - atUs);
      if (n <= received) return void (twice += 1);
      lost += n - received - 1;
      received = n;
      settle();
    },
  });
  return { go, unreceived: () => sent - received };
}

/** Runs `one` for each number below `count`, some at a time. */
async function each(count: number, one: (number: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) await one(next++);
  };
  await Promise.all(Array.from({ length: setUpAtOnce }, work));
}

/** Who is there beside the pairs and does nothing: chats that wait, agents who listen. */
async function setUpBackground({ port, pairs, idleAgents, waitingChats }: LoadJob): Promise<void> {
  const baseUrl = `http://127.0.0.1:${port}`;
  await each(waitingChats, () =>
    new CustomerClient({ baseUrl, service: idleService }).requestChat({ nickname: 'Waiting' }),
  );
  await each(idleAgents, async (number) => {
    const { cookie } = await signIn(port, pairs + number);
    const poll = await openPush(port, cookie);
    const polls = new HttpPipe(port, () => polls.send(poll));
    polls.send(poll);
  });
}

function answer(message: LoadAnswer): void {
  process.send?.(message);
}

async function finish(): Promise<void> {
  const elapsedMs = (nowUs() - beganUs) / 1000;
  const { total } = sketch;
  const result = {
    messages: total,
    elapsedMs,
    p50Ms: sketch.quantileMs(0.5),
    p99Ms: sketch.quantileMs(0.99),
  };
  running = false;
  const deadline = performance.now() + drainMs;
  while (underWay > 0 && performance.now() < deadline) await pause(20);
  for (const { unreceived } of pairs) lost += unreceived();
  answer({ kind: 'result', ...result, lost, twice });
}

process.on('disconnect', () => process.exit());
process.on('message', (order: LoadOrder) => {
  if (order.kind === 'end') return void finish();
  sketch.clear();
  beganUs = nowUs();
});

if (job.peer === 'parley') await setUpBackground(job);
const pairs: Loop[] = [];
// One after the other: each chat must go to the agent of its own pair, who is the only one free.
for (let pair = 0; pair < job.pairs; pair += 1) pairs.push(await startPair(pair));
answer({ kind: 'ready' });
for (const { go } of pairs) go();
