import { fileURLToPath } from 'node:url';
import type { TransportName } from './orders.ts';

export type PeerName = 'parley' | 'faye' | 'cometd-nodejs-server' | 'bare';

/** The servers under test and the script that serves each over a transport; none where it does not speak it. */
const scripts: Record<PeerName, Partial<Record<TransportName, string>>> = {
  parley: { 'long-polling': 'engine.ts', websocket: 'engine.ts' },
  faye: { 'long-polling': 'faye.ts', websocket: 'faye.ts' },
  'cometd-nodejs-server': { 'long-polling': 'cometd-nodejs-server.ts' },
  bare: { 'long-polling': 'bare-long-polling.ts', websocket: 'bare-websocket.ts' },
};

/** The peers that speak a transport, ours first. */
export function peersOver(transport: TransportName): PeerName[] {
  return (Object.keys(scripts) as PeerName[]).filter((name) => scripts[name][transport] !== undefined);
}

/** The absolute path of the script; throws for a transport the peer does not have. */
export function peerScript(name: PeerName, transport: TransportName): string {
  const script = scripts[name][transport];
  if (script === undefined) throw new Error(`${name} has no ${transport}`);
  return fileURLToPath(new URL(`./peers/${script}`, import.meta.url));
}
