import { setTimeout as pause } from 'node:timers/promises';
import { CustomerClient } from '@parley/client/customer-client.ts';
import { LatencySketch } from '@parley/load/figures/latency-sketch.ts';
import { benchService, idleService, scanMessages } from '../chat/orders.ts';
import { openPush, signIn } from '../chat/parley-pair.ts';
import { nowUs } from '../push/orders.ts';
import { MessageBook } from './book.ts';
import { Connects, sendPath, SlowReaders } from './crowd.ts';
import { LooseHttp } from './loose-http.ts';
import { deliveredPerSecond } from './middle-second.ts';
import type { OverloadAnswer, OverloadJob, Phase } from './orders.ts';
import { Senders, type ChatForm } from './senders.ts';

// The load of the overload benchmark: `node load.ts <job as JSON>`. It plays all parts of the run and tells their figures.

/** Customers who have something to say at the same time; a message that falls due when all wait is not sent. */
const mostUnderWay = 2_000;
const peakAtOnce = [50, 200, 800];
const overloadTimes = 3;
/** The load before and after, as a share of the peak. */
const calmShare = 0.2;
const lookEveryMs = 5;
const slowHistoryAtOnce = 32;
const drainMs = 20_000;
const messagesPerRefresh = 2_000;

const job = JSON.parse(process.argv[2] ?? '{}') as OverloadJob;
const { port, pairs } = job;
const baseUrl = `http://127.0.0.1:${port}`;
const book = new MessageBook();
const customers: CustomerClient[] = [];
let renewals = 0;
let connectsBegun = 0;
const connectWaits = new LatencySketch();

function tell(answer: OverloadAnswer): void {
  process.send?.(answer);
}

/** An agent who polls again as soon as they are answered, in a new push session when the old one has ended. */
async function listen(cookie: string): Promise<void> {
  const connection = new LooseHttp(port);
  const begin = async (): Promise<void> => {
    const poll = await openPush(port, cookie);
    const next = (): void =>
      connection.ask(poll, (answer) => {
        scanMessages(answer?.body ?? '', (_, n) => book.received(n));
        if (answer?.status === 200 && !answer.body.includes('"successful":false')) return next();
        renewals += 1;
        void begin();
      });
    next();
  };
  await begin();
}

async function openChats(): Promise<ChatForm[]> {
  const chats: ChatForm[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const { agent, cookie } = await signIn(port, pair);
    await agent.setState('Ready');
    const customer = new CustomerClient({ baseUrl, service: benchService });
    await customer.requestChat({ nickname: 'Customer' });
    const { chatId, userId, secureKey, alias } = customer;
    while ((await agent.chats()).length === 0) await pause(10);
    await agent.accept(chatId, { nickname: 'Agent' });
    await listen(cookie);
    customers.push(customer);
    const form = new URLSearchParams({ userId, secureKey, alias, message: '' }).toString();
    chats.push({ path: sendPath(chatId), form });
  }
  return chats;
}

async function longChat(): Promise<CustomerClient> {
  const customer = new CustomerClient({ baseUrl, service: idleService });
  await customer.requestChat({ nickname: 'Customer' });
  let left = job.slowHistory;
  const write = async (): Promise<void> => {
    while (left-- > 0) await customer.send('x'.repeat(300));
  };
  await Promise.all(Array.from({ length: slowHistoryAtOnce }, write));
  return customer;
}

/** Messages fall due at a rate, whatever the server does. */
async function openLoop(perSecond: number, forMs: number): Promise<{ offered: number; unsent: number }> {
  const beganMs = performance.now();
  let [offered, unsent] = [0, 0];
  for (let elapsedMs = 0; elapsedMs < forMs; elapsedMs = performance.now() - beganMs) {
    for (const due = (elapsedMs * perSecond) / 1000; offered < due; offered += 1)
      if (!senders.say(nowUs())) unsent += 1;
    await pause(lookEveryMs);
  }
  return { offered, unsent };
}

async function play(
  name: Phase['name'],
  work: () => Promise<{ offered: number; unsent: number }>,
): Promise<Phase> {
  tell({ kind: 'phase', name });
  const sentBefore = senders.sent;
  book.tick();
  book.takeSeconds();
  const ticking = setInterval(() => book.tick(), 1_000);
  const { offered, unsent } = await work();
  clearInterval(ticking);
  return { name, offered, unsent, sent: senders.sent - sentBefore, seconds: book.takeSeconds() };
}

/** As much as is answered with so many messages under way. */
function press(name: Phase['name'], atOnce: number, forMs: number): Promise<Phase> {
  return play(name, async () => {
    await senders.closedLoop(atOnce, performance.now() + forMs);
    return { offered: 0, unsent: 0 };
  });
}

/** With how many messages under way the agents receive the most in the median second. */
async function findPeak(): Promise<number> {
  let best = { atOnce: 0, perSecond: -1 };
  for (const atOnce of peakAtOnce) {
    const perSecond = deliveredPerSecond(await press('search', atOnce, job.searchMs / peakAtOnce.length));
    if (perSecond > best.perSecond) best = { atOnce, perSecond };
  }
  return best.atOnce;
}

/** Three times the peak, with a crowd that comes and does not read. */
async function overload(peakPerSecond: number): Promise<Phase> {
  const slow = new SlowReaders(port, longChatKey);
  const connects = new Connects(port, job.connectsPerSecond, connectWaits);
  slow.start(job.slowReaders);
  try {
    return await play('overload', () => openLoop(peakPerSecond * overloadTimes, job.overloadMs));
  } finally {
    connects.stop();
    slow.stop();
    connectsBegun += connects.begun;
  }
}

/** What stands in the logs in the end. */
async function readLogs(): Promise<void> {
  for (const customer of customers)
    for (let position: number | undefined = 1; position !== undefined;) {
      const { messages } = await customer.refresh(position);
      for (const { text = '' } of messages) scanMessages(JSON.stringify(text), (_, n) => book.stored(n));
      position = messages.length > messagesPerRefresh ? (messages.at(-1)?.index ?? 0) + 1 : undefined;
    }
}

const senders = new Senders(port, { chats: await openChats(), book, count: mostUnderWay });
const longChatKey = (await longChat()).credentials;
const atOnce = await findPeak();
const peak = (): Promise<Phase> => press('peak', atOnce, job.peakMs);
const phases = [await peak()];
const calmPerSecond = calmShare * deliveredPerSecond(phases[0] as Phase);
phases.unshift(await play('calm', () => openLoop(calmPerSecond, job.calmMs)));
for (let round = 0; round < job.rounds; round += 1) {
  phases.push(await overload(deliveredPerSecond(phases.at(-1) as Phase)));
  phases.push(await play('recovery', () => openLoop(calmPerSecond, job.recoveryMs)));
  phases.push(await peak());
}
for (const untilMs = performance.now() + drainMs; senders.underWay > 0 && performance.now() < untilMs;)
  await pause(50);
senders.close();
await readLogs();
const { refused, bare, broken } = book;
tell({
  kind: 'result',
  phases,
  ...{ refused, bare, broken, ...book.findings(), renewals },
  connects: {
    begun: connectsBegun,
    answered: connectWaits.total,
    p50Ms: connectWaits.quantileMs(0.5),
    p90Ms: connectWaits.quantileMs(0.9),
  },
});
process.on('disconnect', () => process.exit());
