import { fullDiskExit } from '@parley/server/shutdown.ts';
import { ownService } from '@parley/load/server/own-server.ts';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { aWhile, type FaultStage } from './fault.ts';
import { fill } from './tools.ts';

/** The write-ahead log has room of its own; under this load it is used up within so long. */
const fullWithinMs = 60_000;
/** With room again, changes must be taken within so long. */
const backWithinMs = 2_000;
/** Told to stop, it must end within so long: it tries for 2 s. */
const stopWithinMs = 5_000;

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  const body = (await response.json()) as Answer['body'];
  return { status: response.status, retryAfter: response.headers.get('retry-after'), body };
}

function must(isSo: boolean, what: string, answer: Answer): void {
  if (!isSo) throw new Error(`${what}: ${JSON.stringify(answer)}`);
}

/** The disk is filled under the server and has room again after a while. One life of the server goes through all of it. */
export async function outliveFullDisk(stage: FaultStage): Promise<void> {
  const { host, pause } = stage;
  const { pid, url } = host;
  const filler = join(host.dataFolder, 'filler');
  fill(filler);
  try {
    await untilStatus(stage, 'full', fullWithinMs);
    await expectReadsOnly(stage);
    await pause(aWhile(stage));
    await expectReadsOnly(stage);
  } finally {
    rmSync(filler);
  }
  const roomAtMs = performance.now();
  await untilStatus(stage, 'up', backWithinMs);
  const opened = await openChat(url);
  must(opened.body['statusCode'] === 0, 'a chat is refused though there is room', opened);
  const backMs = performance.now() - roomAtMs;
  if (backMs > backWithinMs) throw new Error(`the server is back only after ${Math.round(backMs)} ms`);
  const { chatId, secureKey } = opened.body;
  await post(
    `${url}/genesys/2/chat/${ownService}/${String(chatId)}/disconnect`,
    `secureKey=${String(secureKey)}`,
  );
  if (!host.isRunning || host.pid !== pid) throw new Error('the server did not live through it');
}

/** The server is told to stop while the disk is full; with room again it is started. */
export async function stopOnFullDisk(stage: FaultStage): Promise<void> {
  const { host } = stage;
  const filler = join(host.dataFolder, 'filler');
  fill(filler);
  try {
    await untilStatus(stage, 'full', fullWithinMs);
    host.signal('SIGTERM');
    const code = await host.endsByItself(stopWithinMs);
    if (code !== fullDiskExit || !host.output.includes('stopped on a full disk'))
      throw new Error(`the server ended with ${code}:\n${host.output}`);
  } finally {
    rmSync(filler);
  }
  await host.start();
}

async function untilStatus({ host, pause }: FaultStage, status: string, withinMs: number): Promise<void> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const health = await ask(`${host.url}/health`);
    if (health.body['status'] === status) return;
    if (performance.now() > untilMs)
      throw new Error(`the server is not "${status}" after ${withinMs} ms: ${JSON.stringify(health)}`);
    await pause(20);
  }
}

/** Changes are refused as overload is, reads are answered. */
async function expectReadsOnly({ host: { url }, load }: FaultStage): Promise<void> {
  const customer = await openChat(url);
  const [error] = (customer.body['errors'] ?? []) as readonly { readonly code: number }[];
  must(
    customer.body['statusCode'] === 1 && error?.code === 240 && Number(customer.retryAfter) > 0,
    'a chat is not refused as it should be',
    customer,
  );
  const [account] = load.options.accounts;
  const credentials = Buffer.from(`${account?.userName}:${account?.password}`).toString('base64');
  const headers = { authorization: `Basic ${credentials}`, 'content-type': 'application/json' };
  const read = await ask(`${url}/api/v2/me/chats`, { headers });
  must(read.status === 200, 'an agent cannot read', read);
  const change = await ask(`${url}/api/v2/me/channels/chat`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ operationName: 'NotReady' }),
  });
  must(
    change.status === 503 && change.body['statusCode'] === 4 && Number(change.retryAfter) > 0,
    'an agent is not refused as they should be',
    change,
  );
}

function openChat(url: string): Promise<Answer> {
  return post(`${url}/genesys/2/chat/${ownService}`, 'nickname=somebody');
}

function post(url: string, form: string): Promise<Answer> {
  return ask(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form,
  });
}
