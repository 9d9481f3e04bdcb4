import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClamd, eicar } from '../../testkit/fake-clamd.ts';
import { scanWithClamd } from './clamd.ts';

let folder: string;
let path: string;
const open: { close(): unknown }[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-clamd-'));
  path = join(folder, 'file');
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  await rm(folder, { recursive: true });
});

async function scan(
  content: string | Buffer,
  port: number,
  timeoutMs = 5000,
): ReturnType<typeof scanWithClamd> {
  await writeFile(path, content);
  return scanWithClamd(path, { host: '127.0.0.1', port, timeoutMs });
}

async function clamd(): Promise<FakeClamd> {
  const started = await FakeClamd.start();
  open.push(started);
  return started;
}

/** A server that does this with whoever connects. */
async function listening(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  open.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return (server.address() as AddressInfo).port;
}

describe('clamd', () => {
  it('is shown all bytes, and says what it found in them', async () => {
    const { port, seen } = await clamd();
    expect(await scan('Hello', port)).toEqual({ verdict: 'Clean' });
    expect(await scan(eicar, port)).toEqual({ verdict: 'Found', signature: 'Eicar-Test-Signature' });
    const large = Buffer.alloc(300_000, 'x');
    expect(await scan(Buffer.concat([large, Buffer.from(eicar)]), port)).toMatchObject({ verdict: 'Found' });
    expect(seen).toEqual([5, eicar.length, 300_000 + eicar.length]);
  });

  it('that answers before it has read everything is heard', async () => {
    const port = await listening((socket) => {
      socket.write('INSTREAM size limit exceeded. ERROR\0');
      socket.destroySoon();
    });
    const found = await scan(Buffer.alloc(5_000_000), port);
    expect(found).toMatchObject({ verdict: 'Unknown' });
  });

  it.each([
    ['hangs up', (socket: Socket) => void socket.end()],
    ['resets the connection', (socket: Socket) => void socket.resetAndDestroy()],
    ['says something else', (socket: Socket) => void socket.end('PONG\0')],
    ['talks without end', (socket: Socket) => void socket.write('x'.repeat(100_000))],
    ['never answers', () => {}],
  ])('that %s has checked nothing', async (_what, onConnection) => {
    const port = await listening(onConnection);
    expect(await scan('Hello', port, 300)).toMatchObject({ verdict: 'Unknown', why: expect.any(String) });
  });

  it('that is not there has checked nothing', async () => {
    const { port, close } = await FakeClamd.start();
    await close();
    expect(await scan('Hello', port)).toMatchObject({ verdict: 'Unknown', why: /ECONNREFUSED/ });
  });
});
