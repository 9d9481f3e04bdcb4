import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'node:querystring';
import { Worker } from 'node:worker_threads';
import type { ServerAnswer } from '../orders.ts';

/**
 * The limit: node:http, a form, a number, SQLite on a thread of its own with group commit, an answer, and a held poll
 * that is released. The same bytes come in and go out as with Parley; there are no rules, no sign-in, no sessions, no
 * checks and no limits. `/<chat>/send` is a customer, `/<chat>/connect` its agent.
 */
type Chat = { index: number; poll: ServerResponse | undefined; waiting: string[] };
type Pending = {
  chat: Chat;
  id: string;
  text: string;
  atMs: number;
  index: number;
  response: ServerResponse;
};

const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'));
const writer = new Worker(new URL('./bare-writer.ts', import.meta.url), {
  workerData: join(folder, 'bare.db'),
  execArgv: [],
});
const chats = new Map<string, Chat>();
let pending: Pending[] = [];
let committing: Pending[] = [];

const server = createServer((request: IncomingMessage, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString();
    const [, id = '', action] = (request.url ?? '').split('/');
    let chat = chats.get(id);
    if (!chat) chats.set(id, (chat = { index: 0, poll: undefined, waiting: [] }));
    if (action === 'connect') connect(chat, body, response);
    else send(chat, { id, text: String(parse(body)['message']), response });
  });
});

function send(chat: Chat, said: Pick<Pending, 'id' | 'text' | 'response'>): void {
  pending.push({ chat, ...said, atMs: Date.now(), index: (chat.index += 1) });
  if (committing.length === 0) commit();
}

function commit(): void {
  committing = pending;
  pending = [];
  writer.postMessage(
    JSON.stringify(committing.map(({ id, text, atMs, index }) => ({ id, text, atMs, index }))),
  );
}

writer.on('message', () => {
  const durable = committing;
  committing = [];
  if (pending.length > 0) commit();
  for (const one of durable) {
    deliver(one);
    end(one.response, JSON.stringify(customerAnswer(one.id)));
  }
});

function deliver({ chat, id, text, atMs, index }: Pending): void {
  const event = JSON.stringify(notification({ id, text, atMs, index }));
  if (!chat.poll) return void chat.waiting.push(event);
  const { poll } = chat;
  chat.poll = undefined;
  end(poll, `[${event},${connectReply}]`);
}

function connect(chat: Chat, body: string, response: ServerResponse): void {
  if (!(JSON.parse(body) as object[])[0]) throw new Error(`asked for ${body}`);
  if (chat.waiting.length === 0) chat.poll = response;
  else end(response, `[${chat.waiting.splice(0).join()},${connectReply}]`);
}

const connectReply = JSON.stringify({ channel: '/meta/connect', id: '4', successful: true });

/** What Parley answers a customer's `send` with. */
function customerAnswer(chatId: string): object {
  return {
    statusCode: 0,
    chatEnded: false,
    chatId,
    alias: '1',
    userId: '0123456789abcdef0123456789abcdef',
    secureKey: '0123456789abcdef0123456789abcdef',
    messages: [],
    userData: {},
    monitored: false,
  };
}

/** What Parley notifies an agent of a message with. */
function notification(said: { id: string; text: string; atMs: number; index: number }): object {
  const { id, text, atMs, index } = said;
  const participantId = '0123456789abcdef0123456789abcdef';
  const from = {
    type: 'Customer',
    nickname: 'Customer',
    participantId,
    id: participantId,
    visibility: 'All',
  };
  const timestamp = new Date(atMs).toISOString();
  return {
    channel: '/v2/me/chats',
    data: {
      messageType: 'MessageLogUpdated',
      notificationType: 'NewMessages',
      messages: [{ index, type: 'Text', from, text, visibility: 'All', timestamp, timestampSeconds: atMs }],
      chatUri: `http://127.0.0.1:8080/api/v2/chats/${id}`,
      chatPath: `/chats/${id}`,
    },
  };
}

function end(response: ServerResponse, body: string): void {
  response.writeHead(200, {
    'Content-Type': 'application/json;charset=UTF-8',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}

server.keepAliveTimeout = 120_000;
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 1024, resolve));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
process.on('disconnect', () => process.exit());
process.on('SIGTERM', () => process.exit());
process.send?.({ kind: 'listening', port: (server.address() as AddressInfo).port } satisfies ServerAnswer);
