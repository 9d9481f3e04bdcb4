import { CustomerClient } from '@parley/client/customer-client.ts';
import { LatencySketch } from '@parley/load/figures/latency-sketch.ts';
import { idleService, words } from '../chat/orders.ts';
import { HttpPipe, postBytes } from '../push/http-pipe.ts';
import { nowUs } from '../push/orders.ts';
import type { CustomersAnswer, CustomersJob, CustomersOrder } from './orders.ts';

// Customers who wait for an agent: an open loop, each at moments of their own. What is still under way when its next
// moment comes counts as late, and the next is left out.

const setUpAtOnce = 32;
const mount = '/genesys/cometd';
const channel = `/service/chatV2/${idleService}`;

const job = JSON.parse(process.argv[2] ?? '{}') as CustomersJob;
const sketch = new LatencySketch();
let beganUs = 0;
let late = 0;

/** Does what this customer does at each of their moments. */
type Act = () => void;

async function pollingCustomer(): Promise<Act> {
  const client = new CustomerClient({ baseUrl: `http://127.0.0.1:${job.port}`, service: idleService });
  await client.requestChat({ nickname: 'Customer' });
  const { chatId, userId, secureKey, alias, nextPosition } = client;
  const form = new URLSearchParams({ userId, secureKey, alias, transcriptPosition: String(nextPosition) });
  const fields = form.toString();
  const request =
    `POST /genesys/2/chat/${idleService}/${chatId}/refresh HTTP/1.1\r\nHost: 127.0.0.1\r\n` +
    `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${fields.length}\r\n\r\n${fields}`;
  let askedUs = 0;
  const pipe = new HttpPipe(job.port, (body) => {
    if (!body.startsWith('{"statusCode":0,')) throw new Error(`the server refused: ${body}`);
    sketch.add(nowUs() - askedUs);
    askedUs = 0;
  });
  return () => {
    if (askedUs > 0) return void (late += 1);
    askedUs = nowUs();
    pipe.send(request);
  };
}

async function cometdCustomer(): Promise<Act> {
  let cookie = '';
  let took: (body: string) => void = () => {};
  const polls = new HttpPipe(job.port, (body, head) => {
    cookie = /set-cookie: ([^;\r]+)/i.exec(head)?.[1] ?? cookie;
    took(body);
  });
  const ask = (path: string, ...messages: object[]): Promise<string> =>
    new Promise((resolve) => {
      took = resolve;
      polls.send(postBytes(mount + path, JSON.stringify(messages), cookie));
    });
  const types = ['long-polling'];
  const shaken = await ask('/handshake', {
    ...{ channel: '/meta/handshake', version: '1.0', supportedConnectionTypes: types, id: '1' },
  });
  const [{ clientId } = {}] = JSON.parse(shaken) as { clientId?: string }[];
  if (clientId === undefined) throw new Error(`the server refused: ${shaken}`);
  // The first push comes with either of these answers.
  const published = await ask(
    '/',
    { channel: '/meta/subscribe', clientId, subscription: channel, id: '2' },
    { channel, clientId, data: { operation: 'requestChat', nickname: 'Customer' }, id: '3' },
  );
  const connect = { channel: '/meta/connect', clientId, connectionType: 'long-polling', id: '4' };
  const first = await ask('/connect', { ...connect, advice: { timeout: 0 } });
  const poll = postBytes(`${mount}/connect`, JSON.stringify([connect]), cookie);
  return writing(
    { clientId, secureKey: keyIn(published + first), cookie, polls, poll },
    (listen) => (took = listen),
  );
}

function keyIn(body: string): string {
  const key = /"secureKey":"([^"]+)"/.exec(body)?.[1];
  if (key === undefined) throw new Error(`no secure key in ${body}`);
  return key;
}

type Opened = { clientId: string; secureKey: string; cookie: string; polls: HttpPipe; poll: string };

/** Writes, and waits until that comes back as a push. */
function writing(
  { clientId, secureKey, cookie, polls, poll }: Opened,
  listenWith: (listen: (body: string) => void) => void,
): Act {
  let wroteUs = 0;
  /** The push comes with the answer to the publish or with that to the poll, whichever goes first. */
  const hear = (body: string): void => {
    if (body.includes('"successful":false')) throw new Error(`the server refused: ${body}`);
    const atUs = /"~(\d+)~/.exec(body)?.[1];
    if (atUs === undefined) return;
    sketch.add(nowUs() - Number(atUs));
    wroteUs = 0;
  };
  const posts = new HttpPipe(job.port, hear);
  listenWith((body) => {
    polls.send(poll);
    hear(body);
  });
  polls.send(poll);
  return () => {
    if (wroteUs > 0) return void (late += 1);
    wroteUs = nowUs();
    const said = { operation: 'sendMessage', secureKey, message: `~${wroteUs}~${words}` };
    posts.send(postBytes(`${mount}/`, JSON.stringify([{ channel, clientId, data: said, id: '5' }]), cookie));
  };
}

function answer(message: CustomersAnswer): void {
  process.send?.(message);
}

process.on('disconnect', () => process.exit());
process.on('message', (order: CustomersOrder) => {
  if (order.kind === 'begin') {
    sketch.clear();
    late = 0;
    beganUs = nowUs();
    return;
  }
  const elapsedMs = (nowUs() - beganUs) / 1000;
  const [p50Ms, p99Ms] = [sketch.quantileMs(0.5), sketch.quantileMs(0.99)];
  answer({ kind: 'result', requests: sketch.total, elapsedMs, p50Ms, p99Ms, late });
});

const acts: Act[] = [];
let coming = job.customers;
const open = job.mode === 'polling' ? pollingCustomer : cometdCustomer;
await Promise.all(
  Array.from({ length: setUpAtOnce }, async () => {
    while (coming-- > 0) acts.push(await open());
  }),
);
answer({ kind: 'ready' });
// Spread evenly over the time, so that nobody's moments fall together.
for (const [at, act] of acts.entries())
  setTimeout(
    () => {
      act();
      setInterval(act, job.everyMs);
    },
    (at * job.everyMs) / acts.length,
  );
