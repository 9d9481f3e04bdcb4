import { AgentClient } from '@parley/client/agent-client.ts';
import { CustomerClient } from '@parley/client/customer-client.ts';
import type { Fetch } from '@parley/client/fetch.ts';
import { HttpPipe, postBytes } from '../push/http-pipe.ts';
import { agentName, benchPassword, benchService } from './orders.ts';

/** What a pair sends from then on: all of a customer's request but the message, and the whole of an agent's poll. */
export type PairSetup = { sendPath: string; sendForm: string; poll: string };

/** How often the router is asked whether it has offered the chat; an answer takes some tenths of a millisecond. */
const mostLooks = 1_000;

const mount = '/api/v2/notifications';

/**
 * Brings one customer and one agent of Parley together through the public APIs: the agent signs in, gets ready and
 * subscribes, the customer asks for a chat, the agent accepts. The agent must be the only one who is free.
 */
export async function setUpParleyPair(port: number, pair: number): Promise<PairSetup> {
  const baseUrl = `http://127.0.0.1:${port}`;
  let cookie = '';
  const watchingCookie: Fetch = (url, init) => {
    cookie = new Headers(init?.headers).get('cookie') ?? cookie;
    return fetch(url, init);
  };
  const userName = agentName(pair);
  const agent = new AgentClient({ baseUrl, userName, password: benchPassword, fetch: watchingCookie });
  await agent.signIn();
  await agent.startSession(['chat']);
  await agent.setState('Ready');
  const customer = new CustomerClient({ baseUrl, service: benchService });
  await customer.requestChat({ nickname: 'Customer' });
  const { chatId, userId, secureKey, alias } = customer;
  for (let look = 0; (await agent.chats()).length === 0; look += 1)
    if (look === mostLooks) throw new Error(`chat ${chatId} was not offered to ${userName}`);
  await agent.accept(chatId, { nickname: 'Agent' });
  return {
    sendPath: `/genesys/2/chat/${benchService}/${chatId}/send`,
    sendForm: new URLSearchParams({ userId, secureKey, alias, message: '' }).toString(),
    poll: await openPush(port, cookie),
  };
}

/** The bare server knows no setup: its chats begin with their first request. */
export function setUpBarePair(pair: number): PairSetup {
  const secret = '0123456789abcdef0123456789abcdef';
  const form = new URLSearchParams({ userId: secret, secureKey: secret, alias: '1', message: '' });
  const connect = { channel: '/meta/connect', clientId: secret, connectionType: 'long-polling', id: '4' };
  return {
    sendPath: `/${pair}/send`,
    sendForm: form.toString(),
    poll: postBytes(`/${pair}/connect`, JSON.stringify([connect]), `JSESSIONID=${secret}`),
  };
}

/** Shakes hands and subscribes; returns the poll that holds. */
async function openPush(port: number, loginCookie: string): Promise<string> {
  let cookie = loginCookie;
  let answered: (body: string) => void = () => {};
  const pipe = new HttpPipe(port, (body, head) => {
    const set = /set-cookie: ([^;\r]+)/i.exec(head)?.[1];
    if (set !== undefined) cookie = `${loginCookie}; ${set}`;
    answered(body);
  });
  const ask = async (path: string, message: object): Promise<{ clientId?: string }> => {
    const body = await new Promise<string>((resolve) => {
      answered = resolve;
      pipe.send(postBytes(mount + path, JSON.stringify([message]), cookie));
    });
    const replies = JSON.parse(body) as { successful?: boolean; clientId?: string }[];
    const reply = replies.find(({ successful }) => successful !== undefined);
    if (reply?.successful !== true) throw new Error(`the server refused: ${body}`);
    return reply;
  };
  const supportedConnectionTypes = ['long-polling'];
  const handshake = { channel: '/meta/handshake', version: '1.0', supportedConnectionTypes, id: '1' };
  const { clientId } = await ask('/handshake', handshake);
  await ask('/', { channel: '/meta/subscribe', clientId, subscription: '/v2/me/*', id: '2' });
  const connect = { channel: '/meta/connect', clientId, connectionType: 'long-polling' };
  await ask('/connect', { ...connect, id: '3', advice: { timeout: 0 } });
  pipe.close();
  return postBytes(`${mount}/connect`, JSON.stringify([{ ...connect, id: '4' }]), cookie);
}
