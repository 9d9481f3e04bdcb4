/** Requests of one session that come one after the other over HTTP are worked through in that order, whatever policies take. */

import type { Core } from '../core.ts';
import { isRecord } from '../protocol/message.ts';
import type { PushSession } from '../sessions/push-session.ts';
import type { Exchange } from './exchange.ts';
import type { Pending } from './settle.ts';

/** The session whose earlier requests this one waits for, if some wait for a policy. A lone connect waits for nobody. */
export function laneOf<P>(core: Core<P>, messages: readonly unknown[]): PushSession<P> | undefined {
  if (core.busyLanes === 0) return undefined;
  const first = messages[0];
  if (!isRecord(first) || typeof first['clientId'] !== 'string') return undefined;
  if (messages.length === 1 && first['channel'] === '/meta/connect') return undefined;
  return core.sessions.get(first['clientId']);
}

/** Runs an exchange after those of its session that still wait. `full` when too many do: then it does not run at all. */
export function inLane<P>(
  core: Core<P>,
  session: PushSession<P> | undefined,
  exchange: Exchange<P>,
): 'run' | 'full' {
  if (session?.lane === undefined) {
    const pending = exchange.run();
    if (pending !== undefined && exchange.session !== undefined) occupy(core, exchange.session, pending);
    return 'run';
  }
  if (session.laneLength >= core.options.maxWaitingRequests) {
    core.counters.requestsOverLane++;
    return 'full';
  }
  session.laneLength++;
  const turn = session.lane.then(() => {
    session.laneLength--;
    return exchange.run();
  });
  occupy(core, session, turn);
  return 'run';
}

function occupy<P>(core: Core<P>, session: PushSession<P>, pending: Promise<Pending | void>): void {
  core.busyLanes++;
  const lane: Promise<void> = pending.then(() => {
    core.busyLanes--;
    if (session.lane === lane) session.lane = undefined;
  });
  session.lane = lane;
}
