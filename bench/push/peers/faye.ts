import { createServer } from 'node:http';
import faye from 'faye';
import { mountPath } from '../orders.ts';
import { holdMs, servePeer } from './peer.ts';

// faye 1.4.3 as its README sets it up; its in-process client publishes.
const adapter = new faye.NodeAdapter({ mount: mountPath, timeout: holdMs / 1000 });
const server = createServer();
adapter.attach(server);
const client = adapter.getClient();
await servePeer(server, (channel, payload) => void client.publish(channel, payload));
