import { prepareEvent } from '@parley/bayeux/protocol/event.ts';
import { BayeuxServer } from '@parley/bayeux/server.ts';
import { BayeuxClient } from '@parley/client/bayeux-client.ts';
import type { Fetch } from '@parley/client/fetch.ts';
import { LoginSession } from '@parley/client/login-session.ts';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let bayeux: BayeuxServer<string>;
let server: Server;
let baseUrl: string;
let client: BayeuxClient | undefined;

beforeEach(async () => {
  bayeux = new BayeuxServer<string>();
  bayeux.mount({ path: '/cometd', authenticate: () => ({ principal: 'marat' }) });
  server = createServer((request, response) => void bayeux.handleRequest(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  if (client?.state !== 'closed') await client?.disconnect();
  client = undefined;
  await bayeux.close({ graceMs: 0, spreadMs: 0 });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A client with cookies, the values it was sent, and a way to wait until there are so many. */
async function connected(
  lose: (response: Response) => boolean = () => false,
): Promise<{ client: BayeuxClient; data: unknown[]; until: (count: number) => Promise<void> }> {
  const cutting: Fetch = async (url, init) => {
    const response = await fetch(url, init);
    if (lose(response.clone())) throw new TypeError('the connection was cut');
    return response;
  };
  const session = new LoginSession({ baseUrl, fetch: cutting });
  const opened = new BayeuxClient({ url: `${baseUrl}/cometd`, fetch: session.fetch, backoffStepMs: 0 });
  client = opened;
  const data: unknown[] = [];
  opened.on('message', (delivery) => data.push(delivery.data));
  await opened.handshake();
  await opened.subscribe('/v2/me/*');
  const until = async (count: number): Promise<void> => {
    while (data.length < count)
      await new Promise<void>((resolve) => {
        const unlisten = opened.on('message', () => {
          unlisten();
          resolve();
        });
      });
  };
  return { client: opened, data, until };
}

const tell = (content: string): unknown => bayeux.publish(prepareEvent('/v2/me/chats', content));

describe('BayeuxClient with the engine', () => {
  it('gets everything in order', async () => {
    const { data, until } = await connected();
    const told = Array.from({ length: 200 }, (_, index) => `event ${index}`);
    for (const content of told) tell(content);
    await until(200);
    expect(data).toEqual(told);
  });

  it('gets what was lost on the way again, each once', async () => {
    let cuts = 0;
    let isArmed = false;
    const { data, until } = await connected(() => isArmed && cuts++ % 2 === 0);
    isArmed = true;
    for (let index = 0; index < 20; index++) {
      tell(`event ${index}`);
      await until(index + 1);
    }
    expect(cuts).toBeGreaterThan(10);
    expect(data).toEqual(Array.from({ length: 20 }, (_, index) => `event ${index}`));
    expect([...bayeux.sessions()]).toHaveLength(1);
  });

  it('closes when the server ends its session', async () => {
    const { client: opened } = await connected();
    const closed = new Promise((resolve) => opened.on('state', resolve));
    for (const session of bayeux.sessions()) if (session.id === opened.clientId) session.disconnect();
    for (let state = await closed; state !== 'closed';)
      state = await new Promise((resolve) => opened.on('state', resolve));
    expect([...bayeux.sessions()]).toEqual([]);
  });
});
