import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { openEngine } from './open-engine.ts';

it('lets anybody from anywhere subscribe and publish, and echoes', async () => {
  const engine = openEngine({ path: '/open', timeoutMs: 100 });
  const http = createServer((request, response) => engine.handleRequest(request, response));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/open/`;
  const post = async (message: object) => {
    const headers = { Origin: 'https://anywhere.example', 'Content-Type': 'application/json' };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify([message]) });
    return (await response.json()) as { clientId: string }[];
  };
  const [hello] = await post({ channel: '/meta/handshake', version: '1.0' });
  const clientId = hello?.clientId;
  expect(hello).toMatchObject({
    supportedConnectionTypes: ['websocket', 'long-polling', 'callback-polling'],
  });
  expect(await post({ channel: '/meta/subscribe', clientId, subscription: '/any/**' })).toMatchObject([
    { successful: true },
  ]);
  expect(await post({ channel: '/any/thing', id: '1', clientId, data: 1 })).toEqual([
    { channel: '/any/thing', data: 1 },
    { id: '1', channel: '/any/thing', successful: true },
  ]);
  expect(await post({ channel: '/service/echo', id: '2', clientId, data: { a: 1 } })).toEqual([
    { id: '2', channel: '/service/echo', data: { a: 1 } },
    { id: '2', channel: '/service/echo', successful: true },
  ]);
  await engine.close();
  http.closeAllConnections();
  http.close();
});
