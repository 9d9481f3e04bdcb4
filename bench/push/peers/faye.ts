import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { mountPath } from '../orders.ts';
import { holdMs, servePeer } from './peer.ts';

// faye 1.4.3 as its README sets it up; its in-process client publishes. The package ships no types.
type Adapter = {
  attach: (server: Server) => void;
  getClient: () => { publish: (channel: string, payload: unknown) => Promise<void> };
};
type Faye = { NodeAdapter: new (options: { mount: string; timeout: number }) => Adapter };

const faye = createRequire(import.meta.url)('faye') as Faye;
const adapter = new faye.NodeAdapter({ mount: mountPath, timeout: holdMs / 1000 });
const server = createServer();
adapter.attach(server);
const client = adapter.getClient();
await servePeer(server, (channel, payload) => void client.publish(channel, payload));
