import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { SocketWire } from './socket-wire.ts';

test('an upgrade that is refused is answered with its status, and the next request tries again', async () => {
  let upgrades = 0;
  const server = createServer();
  server.on('upgrade', (_, socket) => {
    upgrades += 1;
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const wire = new SocketWire(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`));
  const connect = JSON.stringify([{ channel: '/meta/connect', id: '1' }]);
  for (const time of [1, 2]) {
    expect((await wire.fetch({ body: connect })).status).toBe(403);
    expect(upgrades).toBe(time);
  }
  server.close();
});
