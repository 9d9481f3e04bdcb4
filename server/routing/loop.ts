import type { Cancel, Clock } from '../clock.ts';
import type { AgentId, ChatId } from '../domain/ids.ts';
import { route } from './route.ts';
import type { RoutingAssignment, RoutingDecision, RoutingSnapshot } from './snapshot.ts';

/** One round, for the record: what it saw and what it decided. */
export interface RoutingRound {
  readonly snapshot: RoutingSnapshot;
  readonly decision: RoutingDecision;
}

export interface RoutingLoopOptions {
  readonly clock: Clock;
  /** Runs the task in a later turn of the event loop (`setImmediate`); must not run it within the call. */
  readonly schedule: (task: () => void) => void;
  /** What waits and who is ready, now. */
  readonly snapshot: () => RoutingSnapshot;
  /**
   * Makes the offer. Once it has returned, the next snapshot must show the chat as no longer waiting and the agent's
   * load with it, even while the offer is still being written; otherwise the chat is offered twice. Throwing means
   * that the offer was not made.
   */
  readonly apply: (assignment: RoutingAssignment) => void;
  /** Called after the assignments of a round have been applied. */
  readonly onRound?: (round: RoutingRound) => void;
  /** Gets whatever was thrown; with the assignment when it was `apply` that threw. Must not throw itself. */
  readonly onError: (error: unknown, assignment?: RoutingAssignment) => void;
  /** How long after a failure the loop tries again by itself; 1,000 ms unless set. */
  readonly retryAfterMs?: number;
}

/** `wake` asks for a round after any change that could make an offer possible; `stop` ends the loop for good. */
export interface RoutingLoop {
  wake(): void;
  stop(): void;
}

interface RoundOutcome {
  readonly failed: boolean;
  readonly nextChangeAtMs: number | null;
  readonly applied: ReadonlyMap<ChatId, AgentId>;
}

/** Decides one round and applies it in order. An assignment that fails does not stop those after it. */
function runRound(options: RoutingLoopOptions): RoundOutcome {
  const snapshot = options.snapshot();
  const decision = route(snapshot);
  const applied = new Map<ChatId, AgentId>();
  let failed = false;
  for (const assignment of decision.assignments) {
    try {
      options.apply(assignment);
      applied.set(assignment.chatId, assignment.agentId);
    } catch (error) {
      failed = true;
      options.onError(error, assignment);
    }
  }
  try {
    options.onRound?.({ snapshot, decision });
  } catch (error) {
    options.onError(error);
  }
  return { failed, nextChangeAtMs: decision.nextChangeAtMs, applied };
}

/**
 * Runs a round of routing whenever it is woken, at most one in a turn of the event loop however often it is woken, and
 * by itself when an exclusion ends. There is no polling: the caller wakes the loop when a chat is queued, when an
 * agent becomes ready or has room again, and when a chat is released.
 *
 * A round that applied something is followed by another, for applying may have changed more than the snapshot knew.
 * That ends when a round applies nothing that the round before it had not applied already.
 */
export function createRoutingLoop(options: RoutingLoopOptions): RoutingLoop {
  const { clock, schedule, onError, retryAfterMs = 1_000 } = options;
  let scheduled = false;
  let stopped = false;
  let cancelTimer: Cancel | null = null;
  let previouslyApplied: ReadonlyMap<ChatId, AgentId> = new Map();

  const setTimer = (outcome: RoundOutcome): void => {
    const retryAtMs = outcome.failed ? clock.now() + retryAfterMs : Infinity;
    const atMs = Math.min(retryAtMs, outcome.nextChangeAtMs ?? Infinity);
    cancelTimer = atMs === Infinity ? null : clock.setTimer(atMs, wake);
  };

  const attempt = (): RoundOutcome => {
    try {
      return runRound(options);
    } catch (error) {
      onError(error);
      return { failed: true, nextChangeAtMs: null, applied: new Map() };
    }
  };

  const turn = (): void => {
    scheduled = false;
    if (stopped) return;
    cancelTimer?.();
    const outcome = attempt();
    if (stopped) return;
    setTimer(outcome);
    const changed = [...outcome.applied].some(
      ([chatId, agentId]) => previouslyApplied.get(chatId) !== agentId,
    );
    previouslyApplied = outcome.applied;
    if (changed) wake();
  };

  function wake(): void {
    if (scheduled || stopped) return;
    scheduled = true;
    schedule(turn);
  }

  return {
    wake,
    stop() {
      stopped = true;
      cancelTimer?.();
      cancelTimer = null;
    },
  };
}
