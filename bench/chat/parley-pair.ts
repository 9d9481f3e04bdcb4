import { AgentClient } from '@parley/client/agent-client.ts';
import { CustomerClient } from '@parley/client/customer-client.ts';
import type { Fetch } from '@parley/client/fetch.ts';
import { HttpPipe, postBytes } from '../push/http-pipe.ts';
import { WebSocketPipe } from '../push/websocket-pipe.ts';
import { agentName, benchPassword, benchService, scanMessages, type LoadJob } from './orders.ts';
import { customer, listen, type Pair, type PairEvents } from './sides.ts';

/** How often the router is asked whether it has offered the chat; an answer takes some tenths of a millisecond. */
const mostLooks = 1_000;

const mount = '/api/v2/notifications';

/** An agent who is signed in, and the cookie of that. */
export type SignedIn = { agent: AgentClient; cookie: string };

export async function signIn(port: number, number: number): Promise<SignedIn> {
  let cookie = '';
  const watchingCookie: Fetch = (url, init) => {
    cookie = new Headers(init?.headers).get('cookie') ?? cookie;
    return fetch(url, init);
  };
  const account = { userName: agentName(number), password: benchPassword };
  const agent = new AgentClient({ baseUrl: `http://127.0.0.1:${port}`, ...account, fetch: watchingCookie });
  await agent.signIn();
  await agent.startSession(['chat']);
  return { agent, cookie };
}

/**
 * Brings one customer and one agent together through the public APIs: the agent signs in, gets ready and subscribes,
 * the customer asks for a chat, the agent accepts. The agent must be the only one who is free.
 */
export async function setUpParleyPair(
  { port, push }: Pick<LoadJob, 'port' | 'push'>,
  pair: number,
  events: PairEvents,
): Promise<Pair> {
  const { agent, cookie } = await signIn(port, pair);
  await agent.setState('Ready');
  const client = new CustomerClient({ baseUrl: `http://127.0.0.1:${port}`, service: benchService });
  await client.requestChat({ nickname: 'Customer' });
  const { chatId, userId, secureKey, alias } = client;
  for (let look = 0; (await agent.chats()).length === 0; look += 1)
    if (look === mostLooks) throw new Error(`chat ${chatId} was not offered to ${agentName(pair)}`);
  await agent.accept(chatId, { nickname: 'Agent' });
  if (push === 'websocket') await openSocket(port, cookie, events);
  else listen(port, await openPush(port, cookie), events);
  const form = new URLSearchParams({ userId, secureKey, alias, message: '' }).toString();
  return customer(port, { path: `/genesys/2/chat/${benchService}/${chatId}/send`, form }, events);
}

type Reply = { successful?: boolean; clientId?: string };

function successful(body: string): Reply {
  const reply = (JSON.parse(body) as Reply[]).find((one) => one.successful !== undefined);
  if (reply?.successful !== true) throw new Error(`the server refused: ${body}`);
  return reply;
}

function handshake(connectionType: 'long-polling' | 'websocket'): object {
  return { channel: '/meta/handshake', version: '1.0', supportedConnectionTypes: [connectionType], id: '1' };
}

function connect(connectionType: 'long-polling' | 'websocket', clientId: string | undefined): object {
  return { channel: '/meta/connect', clientId, connectionType };
}

/** Shakes hands and subscribes; returns the poll that holds. */
export async function openPush(port: number, loginCookie: string): Promise<string> {
  let cookie = loginCookie;
  let answered: (body: string) => void = () => {};
  const pipe = new HttpPipe(port, (body, head) => {
    const set = /set-cookie: ([^;\r]+)/i.exec(head)?.[1];
    if (set !== undefined) cookie = `${loginCookie}; ${set}`;
    answered(body);
  });
  const ask = async (path: string, message: object): Promise<Reply> => {
    const body = await new Promise<string>((resolve) => {
      answered = resolve;
      pipe.send(postBytes(mount + path, JSON.stringify([message]), cookie));
    });
    return successful(body);
  };
  const { clientId } = await ask('/handshake', handshake('long-polling'));
  await ask('/', { channel: '/meta/subscribe', clientId, subscription: '/v2/me/*', id: '2' });
  const message = connect('long-polling', clientId);
  await ask('/connect', { ...message, id: '3', advice: { timeout: 0 } });
  pipe.close();
  return postBytes(`${mount}/connect`, JSON.stringify([{ ...message, id: '4' }]), cookie);
}

/** The same over a WebSocket, which then brings the messages. */
async function openSocket(port: number, cookie: string, { received }: PairEvents): Promise<void> {
  let took: (text: string) => void = () => {};
  const isOpen = Promise.withResolvers<void>();
  const open = (): void => isOpen.resolve();
  const pipe = new WebSocketPipe(port, mount, { open, frame: (text) => took(text), cookie });
  await isOpen.promise;
  const ask = async (message: object): Promise<Reply> => {
    const text = await new Promise<string>((resolve) => {
      took = resolve;
      pipe.send(JSON.stringify([message]));
    });
    return successful(text);
  };
  const { clientId } = await ask(handshake('websocket'));
  await ask({ channel: '/meta/subscribe', clientId, subscription: '/v2/me/*', id: '2' });
  const message = connect('websocket', clientId);
  await ask({ ...message, id: '3', advice: { timeout: 0 } });
  const held = JSON.stringify([{ ...message, id: '4' }]);
  took = (text) => {
    scanMessages(text, received);
    if (text.includes('"/meta/connect"')) pipe.send(held);
  };
  pipe.send(held);
}
