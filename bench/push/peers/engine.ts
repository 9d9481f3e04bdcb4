import { createServer } from 'node:http';
import { BayeuxServer } from '@parley/bayeux/server.ts';
import { mountPath } from '../orders.ts';
import { holdMs, servePeer } from './peer.ts';

// Our engine with its defaults but the hold, open to everybody.
const engine = new BayeuxServer<null>({ timeoutMs: holdMs, maxIntervalMs: 120_000 });
engine.mount({ path: mountPath, authenticate: () => ({ principal: null }) });
const server = createServer((request, response) => engine.handleRequest(request, response));
server.on('upgrade', (request, socket, head) => engine.handleUpgrade(request, socket, head));
await servePeer(server, (channel, payload) => engine.publish(channel, payload));
