import type { TransportName } from '../push/orders.ts';

/** The servers that are measured: ours, the least that any server must do, two that keep nothing, one that archives. */
export const peerNames = ['parley', 'bare', 'faye', 'cometd-nodejs-server', 'ejabberd'] as const;
export type PeerName = (typeof peerNames)[number];

/** How an agent is told. */
export type PushName = TransportName | 'xmpp';

/** `pid`: of the server, where it is not the process that answers. */
export type ServerAnswer =
  | { kind: 'listening'; port: number; startMs?: number; pid?: number }
  | { kind: 'memory'; heapUsed: number; rss: number };

/** `memory` asks for a collection of garbage and then the figures. */
export type ServerOrder = { kind: 'memory' };

/** What our server and ejabberd are started with, as JSON in its first argument. */
export type ServerJob = {
  pairs: number;
  /** Agents beside those of the pairs. */
  moreAgents: number;
  /** A data folder to keep; a new one when absent. */
  dataFolder?: string;
  /** PostgreSQL in place of SQLite; ejabberd's only store. */
  databaseUrl?: string;
};

/** What the load is to do: so many pairs of a customer who writes and an agent who listens. */
export type LoadJob = {
  peer: PeerName;
  port: number;
  pairs: number;
  push: PushName;
  /** Agents who are signed in and listen beside those of the pairs. */
  idleAgents: number;
  /** Chats that are open beside those of the pairs, and wait. */
  waitingChats: number;
};

/** `begin` starts counting anew, `end` asks for the result. */
export type LoadOrder = { kind: 'begin' } | { kind: 'end' };

export type LoadAnswer = { kind: 'ready' } | ({ kind: 'result' } & LoadResult);

/** `lost` and `twice` count over the whole run, the rest since `begin`. Latencies: sending until the agent receives. */
export type LoadResult = {
  messages: number;
  elapsedMs: number;
  p50Ms: number;
  p99Ms: number;
  lost: number;
  twice: number;
};

/** What every agent signs in with. */
export const benchPassword = 'bench';

export function agentName(pair: number): string {
  return `agent${pair}`;
}

/** The user who writes to an agent; only where customers have accounts. */
export function customerName(pair: number): string {
  return `customer${pair}`;
}

/** The service whose customers the agents serve, and its queue. */
export const benchService = 'bench';
/** A service that nobody serves: its chats wait. */
export const idleService = 'idle';

export const words =
  'A message of about a hundred and twenty characters, which is what people write in a chat.';

/** What is said: `~<µs of sending>~<number in its pair, from 1>~` and words, as a form carries it. */
export function messageField(atUs: number, n: number): string {
  return `~${atUs}~${n}~${words.replaceAll(' ', '+')}`;
}

/** Finds every message in the text of an answer to an agent, without parsing the rest. */
export function scanMessages(text: string, found: (atUs: number, n: number) => void): void {
  for (const [, atUs, n] of text.matchAll(/"~(\d+)~(\d+)~/g)) found(Number(atUs), Number(n));
}
