import { createServer } from 'node:http';
import cometd from 'cometd-nodejs-server';
import { holdMs, servePeer } from './peer.ts';

// cometd-nodejs-server 1.2.1 with its defaults but the hold. It has no WebSocket.
const cometdServer = cometd.createCometDServer({ timeout: holdMs, maxInterval: 120_000 });
await servePeer(createServer(cometdServer.handle), (channel, payload) =>
  cometdServer.createServerChannel(channel).publish(null, payload),
);
