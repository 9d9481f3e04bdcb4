import { setTimeout as pause } from 'node:timers/promises';
import { LatencySketch } from '../lib/latency-sketch.ts';
import { HttpPipe } from '../push/http-pipe.ts';
import { nowUs } from '../push/orders.ts';
import { messageField, scanMessages, type LoadAnswer, type LoadJob, type LoadOrder } from './orders.ts';
import { setUpBarePair, setUpParleyPair, type PairSetup } from './pair-setup.ts';

// The load of one run: a closed loop. Each customer sends the next message when the last one was answered and its
// agent has received it; each agent polls again as soon as a poll is answered.

const drainMs = 2_000;

const job = JSON.parse(process.argv[2] ?? '{}') as LoadJob;
const sketch = new LatencySketch();
let running = true;
let beganUs = 0;
let underWay = 0;
let lost = 0;
let twice = 0;

function startPair({ sendPath, sendForm, poll }: PairSetup): { go: () => void; unreceived: () => number } {
  let sent = 0;
  let received = 0;
  /** The answer to the customer and the delivery to the agent. */
  let outstanding = 0;
  const go = (): void => {
    outstanding = 2;
    underWay += 1;
    posts.send(formBytes(sendPath, sendForm + messageField(nowUs(), (sent += 1))));
  };
  const settle = (): void => {
    outstanding -= 1;
    if (outstanding > 0) return;
    underWay -= 1;
    if (running) go();
  };
  const posts = new HttpPipe(job.port, (body) => {
    if (!body.startsWith('{"statusCode":0,')) throw new Error(`the server refused: ${body}`);
    settle();
  });
  const polls = new HttpPipe(job.port, (body) => {
    polls.send(poll);
    if (body.includes('"successful":false')) throw new Error(`the server refused: ${body}`);
    scanMessages(body, (atUs, n) => {
      sketch.add(nowUs() - atUs);
      if (n <= received) return void (twice += 1);
      lost += n - received - 1;
      received = n;
      settle();
    });
  });
  polls.send(poll);
  return { go, unreceived: () => sent - received };
}

/** The bytes of a form's POST; the body must be ASCII. */
function formBytes(path: string, body: string): string {
  return (
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n` +
    `Content-Length: ${body.length}\r\n\r\n${body}`
  );
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

const setups: PairSetup[] = [];
// One after the other: each chat must go to the agent of its own pair, who is the only one free.
for (let pair = 0; pair < job.pairs; pair += 1)
  setups.push(job.peer === 'bare' ? setUpBarePair(pair) : await setUpParleyPair(job.port, pair));
const pairs = setups.map(startPair);
answer({ kind: 'ready' });
for (const { go } of pairs) go();
