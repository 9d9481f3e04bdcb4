/** What every transport must do, run over each of them. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SpecClient, SpecServer } from './spec-server.ts';

/** Opens a client of the transport under test. */
export type OpenClient = (server: SpecServer) => SpecClient;

const advice = { reconnect: 'retry', interval: 0, timeout: 25_000 };

/** Runs the suite over one transport. */
export function describeTransport(name: string, open: OpenClient): void {
  describe(`${name}, as any transport,`, () => {
    let server: SpecServer;
    let client: SpecClient;

    beforeEach(async () => {
      server = await SpecServer.start();
      client = open(server);
    });

    afterEach(async () => {
      client.cut();
      await server.stop();
    });

    it('shakes hands, connects, subscribes, publishes, receives and leaves', async () => {
      const [hello] = await client.send([{ channel: '/meta/handshake', id: '1', version: '1.0' }]);
      expect(hello).toEqual({
        id: '1',
        channel: '/meta/handshake',
        successful: true,
        clientId: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
        version: '1.0',
        minimumVersion: '1.0',
        supportedConnectionTypes: ['websocket', 'long-polling', 'callback-polling'],
        advice,
      });
      const clientId = hello?.clientId;
      const connect = { channel: '/meta/connect', clientId, connectionType: name };
      expect(await client.send([{ ...connect, id: '2', advice: { timeout: 0 } }])).toEqual([
        { id: '2', channel: '/meta/connect', successful: true, advice },
      ]);
      expect(
        await client.send([{ channel: '/meta/subscribe', id: '3', clientId, subscription: '/a/*' }]),
      ).toEqual([{ id: '3', channel: '/meta/subscribe', successful: true, subscription: '/a/*' }]);
      const own = client.received('/a/b');
      const held = client.send([{ ...connect, id: '4' }]);
      expect(
        await client.reply([{ channel: '/a/b', id: '5', clientId, data: { text: 'ü€😀\u2028' } }]),
      ).toEqual({
        id: '5',
        channel: '/a/b',
        successful: true,
      });
      expect(await own).toEqual({ channel: '/a/b', data: { text: 'ü€😀\u2028' } });
      expect(await client.reply([{ channel: '/meta/disconnect', id: '6', clientId }])).toEqual({
        id: '6',
        channel: '/meta/disconnect',
        successful: true,
      });
      await held;
      expect(server.engine.snapshot()).toMatchObject({
        sessions: 0,
        browsers: 0,
        subscribedChannels: 0,
        errors: 0,
      });
    });

    it('holds a connect until its time is over', async () => {
      const connect = await client.connected();
      const held = client.send([{ ...connect, id: '9' }]);
      await server.held(1);
      server.clock.advance(25_100);
      const replies = await held;
      expect(replies).toEqual([{ id: '9', channel: '/meta/connect', successful: true }]);
    });

    it('delivers what the server publishes while a connect is held', async () => {
      const connect = await client.connected('/news');
      const event = client.received('/news');
      void client.send([{ ...connect, id: '9' }]);
      await server.held(1);
      server.engine.publish('/news', [1, 2]);
      expect(await event).toEqual({ channel: '/news', data: [1, 2] });
    });

    it('answers every message, in order, whatever it is', async () => {
      const { clientId } = await client.connected();
      const replies = await client.send([
        null,
        { channel: '/meta/foo', id: '1', clientId },
        { channel: '/a', id: 2, clientId, data: 1 },
        { id: '3' },
        { channel: '/meta/connect', id: '4', clientId: 'nobody' },
        [],
        { channel: '/__proto__', id: '5', clientId },
      ]);
      expect(replies).toEqual([
        { successful: false, error: '400::channel missing' },
        { id: '1', channel: '/meta/foo', successful: false, error: '405::channel invalid' },
        { id: 2, channel: '/a', successful: true },
        { id: '3', successful: false, error: '400::channel missing' },
        {
          id: '4',
          channel: '/meta/connect',
          successful: false,
          error: '402::Unknown client',
          advice: { reconnect: 'handshake', interval: 0, timeout: 25_000 },
        },
        { successful: false, error: '400::channel missing' },
        { id: '5', channel: '/__proto__', successful: true },
      ]);
    });

    it('takes a single object for an array of one, and answers an empty array with one', async () => {
      expect(await client.send({ channel: '/x', id: '1' })).toEqual([
        { id: '1', channel: '/x', successful: false, error: '402::Unknown client' },
      ]);
      expect(await client.send([])).toEqual([]);
    });

    it('starts the expiry of a session whose connection breaks, and keeps what comes for it', async () => {
      const connect = await client.connected('/news');
      client.send([{ ...connect, id: '9' }]).catch(() => 'cut');
      await server.held(1);
      client.cut();
      await server.held(0);
      server.engine.publish('/news', 'kept');
      const again = open(server);
      again.cookie = client.cookie;
      const event = again.received('/news');
      void again.send([{ ...connect, id: '1', advice: { timeout: 0 } }]);
      expect(await event).toEqual({ channel: '/news', data: 'kept' });
      again.cut();
      server.clock.advance(60_000);
      expect(server.engine.snapshot()).toMatchObject({ sessions: 0, browsers: 0, sessionsExpired: 1 });
    });

    it('serves a session to the principal that made it, and to no other', async () => {
      const connect = await client.connected();
      const mallory = open(server);
      mallory.cookie = client.cookie;
      mallory.user = 'mallory';
      expect(await mallory.reply([{ ...connect, id: '1' }])).toMatchObject({ error: '402::Unknown client' });
      mallory.cut();
    });

    it('waits for a policy that takes its time, in order', async () => {
      const { clientId } = await client.connected('/slow/**');
      const first = client.reply([{ channel: '/slow/1', id: 'a', clientId, data: 1 }]);
      await server.asked();
      const second = client.reply([{ channel: '/fast/2', id: 'b', clientId, data: 2 }]);
      server.grant();
      expect(await Promise.all([first, second])).toEqual([
        { id: 'a', channel: '/slow/1', successful: true },
        { id: 'b', channel: '/fast/2', successful: true },
      ]);
    });

    it('resends what was not acknowledged', async () => {
      const [hello] = await client.send([{ channel: '/meta/handshake', version: '1.0', ext: { ack: true } }]);
      const clientId = hello?.clientId;
      expect(hello).toMatchObject({ ext: { ack: true } });
      const connect = { channel: '/meta/connect', clientId, connectionType: name };
      await client.send([{ ...connect, id: '1', advice: { timeout: 0 }, ext: { ack: 0 } }]);
      const held = client.send([{ ...connect, id: '2', ext: { ack: 1 } }]);
      await server.held(1);
      server.engine.session(String(clientId))?.deliver(server.engine.prepare('/a', 1));
      const event = { channel: '/a', data: 1 };
      expect(await held).toEqual([
        event,
        { id: '2', channel: '/meta/connect', successful: true, ext: { ack: 2 } },
      ]);
      expect(await client.send([{ ...connect, id: '3', ext: { ack: 1 } }])).toEqual([
        event,
        { id: '3', channel: '/meta/connect', successful: true, ext: { ack: 3 } },
      ]);
    });

    it('closes: what is held is answered, then nothing is left', async () => {
      const connect = await client.connected();
      const held = client.send([{ ...connect, id: '9' }]);
      await server.held(1);
      const closed = server.engine.close({ spreadMs: 8_000 });
      expect(await held).toMatchObject([{ id: '9', successful: true, advice: { reconnect: 'retry' } }]);
      await closed;
      expect(server.engine.snapshot()).toMatchObject({ sessions: 0, browsers: 0 });
    });
  });
}
