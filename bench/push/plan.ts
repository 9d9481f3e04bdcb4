import type { TransportName } from './orders.ts';
import { peersOver } from './peer-list.ts';
import type { PeerName } from './peer-list.ts';
import type { RunPlan } from './run-once.ts';

/** How long and how often the benchmark measures. */
export type Effort = {
  rounds: number;
  warmMs: number;
  measureMs: number;
  idleSessions: number;
  /** Whether the open loop is run for the other servers too, or only for ours. */
  peersInOpenLoop: boolean;
};

/** The figures that count: three rounds, about six minutes. */
export const fullEffort: Effort = {
  rounds: 3,
  warmMs: 1_500,
  measureMs: 3_000,
  idleSessions: 5_000,
  peersInOpenLoop: true,
};

/** A smoke test: one short round, about half a minute; its figures are rough. */
export const quickEffort: Effort = {
  rounds: 1,
  warmMs: 100,
  measureMs: 300,
  idleSessions: 300,
  peersInOpenLoop: false,
};

export const transports: readonly TransportName[] = ['long-polling', 'websocket'];
export const sessionCounts: readonly number[] = [200, 1_000];

/** Messages a second the server publishes in the open loop; each reaches two sessions. */
export const openLoopMessagesPerSecond = 4_000;

/** Closed loop: 200 or 1,000 sessions in pairs keep 100 or 200 messages under way. */
export function saturationPlan(shape: {
  peer: PeerName;
  transport: TransportName;
  sessions: number;
  effort: Effort;
}): RunPlan {
  const { peer, transport, sessions, effort } = shape;
  const window = sessions <= 200 ? 100 : 200;
  return { peer, transport, sessions, window, load: 'closed', ...measured(effort) };
}

/** Open loop: 8,000 deliveries a second to 1,000 sessions, published inside the server. */
export function openLoopPlan(peer: PeerName, transport: TransportName, effort: Effort): RunPlan {
  const messagesPerSecond = openLoopMessagesPerSecond;
  const shape = { peer, transport, sessions: 1_000, messagesPerSecond, load: 'listen' } as const;
  return { ...shape, warmMs: effort.warmMs * openLoopWarmUps, measureMs: effort.measureMs };
}

/**
 * The open loop leaves two thirds of the core idle, so code gets hot later than at saturation: while the compiler is
 * still at work p99 is 11–20 ms over long-polling (bare 7–14), afterwards 3.5.
 */
const openLoopWarmUps = 4;

/** Two long-polling sessions, of one browser or of two, each sent 100 messages a second. */
export function tabsPlan(tabs: 1 | 2, effort: Effort): RunPlan {
  const shape = { peer: 'parley', transport: 'long-polling', load: 'listen' } as const;
  return { ...shape, sessions: 2, messagesPerSecond: 100, tabs, ...measured(effort) };
}

/** 64 connections of the bare server that only send back what they get. */
export function echoPlan(transport: TransportName, effort: Effort): RunPlan {
  return { peer: 'bare', transport, sessions: 64, load: 'echo', ...measured(effort) };
}

/** Sessions that hold their connect and get nothing. */
export function idlePlan(peer: PeerName, transport: TransportName, effort: Effort): RunPlan {
  return { peer, transport, sessions: effort.idleSessions, load: 'listen', warmMs: 0, measureMs: 0 };
}

/** Who runs the open loop: ours in every round, the others once, as they only show what is usual. */
export function openLoopPeers(transport: TransportName, round: number, effort: Effort): PeerName[] {
  return effort.peersInOpenLoop && round === 0 ? peersOver(transport) : ['parley'];
}

function measured({ warmMs, measureMs }: Effort): { warmMs: number; measureMs: number } {
  return { warmMs, measureMs };
}
