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
   * load with it, even while the offer is still being written; otherwise the chat is offered twice. Throwing, or a
   * promise that rejects, means that the offer was not made.
   */
  readonly apply: (assignment: RoutingAssignment) => void | Promise<void>;
  /**
   * Called once the offers of a round are made, for what is to become of chats that wait too long. Returns when it
   * wants to be called again though nothing has changed; null: not of itself.
   */
  readonly afterRound?: () => number | null;
  /** Called after the assignments of a round have been applied. */
  readonly onRound?: (round: RoutingRound) => void;
  /** Gets whatever was thrown; with the assignment when it was `apply` that threw. Must not throw itself. */
  readonly onError: (error: unknown, assignment?: RoutingAssignment) => void;
  /**
   * How long a failure lasts; 1,000 ms unless set. For as long an offer that failed is not made again to the same
   * agent, so that neither the chat nor the agent holds up others; a snapshot that failed is asked for again after it.
   */
  readonly retryAfterMs?: number;
}

/** `wake` asks for a round after any change that could make an offer possible; `stop` ends the loop for good. */
export interface RoutingLoop {
  wake(): void;
  stop(): void;
}

const defaultRetryAfterMs = 1_000;

/** Offers that failed, and until when each is not made again. */
class FailedOffers {
  #untilMs = new Map<ChatId, Map<AgentId, number>>();

  add({ chatId, agentId }: RoutingAssignment, untilMs: number): void {
    const agents = this.#untilMs.get(chatId) ?? new Map<AgentId, number>();
    this.#untilMs.set(chatId, agents.set(agentId, untilMs));
  }

  /** The snapshot with each failed offer as an exclusion. What has ended is forgotten. */
  leftOutOf(snapshot: RoutingSnapshot): RoutingSnapshot {
    for (const [chatId, agents] of this.#untilMs) {
      for (const [agentId, untilMs] of agents) if (untilMs <= snapshot.nowMs) agents.delete(agentId);
      if (agents.size === 0) this.#untilMs.delete(chatId);
    }
    if (this.#untilMs.size === 0) return snapshot;
    const waiting = snapshot.waiting.map((chat) => {
      const failed = [...(this.#untilMs.get(chat.chatId) ?? [])];
      if (failed.length === 0) return chat;
      const added = failed.map(([agentId, untilMs]) => ({ agentId, untilMs }));
      return { ...chat, exclusions: [...chat.exclusions, ...added] };
    });
    return { ...snapshot, waiting };
  }
}

interface RoundOutcome {
  /** When the loop must look again by itself. */
  readonly nextAtMs: number | null;
  readonly applied: ReadonlyMap<ChatId, AgentId>;
  readonly anyFailed: boolean;
}

function earlier(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}

/** Decides one round and applies it in order. An assignment that fails does not stop those after it. */
function runRound(
  options: RoutingLoopOptions,
  failedOffers: FailedOffers,
  failedLater: (assignment: RoutingAssignment, error: unknown) => void,
): RoundOutcome {
  const { clock, retryAfterMs = defaultRetryAfterMs } = options;
  const snapshot = failedOffers.leftOutOf(options.snapshot());
  const decision = route(snapshot);
  const applied = new Map<ChatId, AgentId>();
  for (const assignment of decision.assignments) {
    try {
      options.apply(assignment)?.catch((error: unknown) => failedLater(assignment, error));
      applied.set(assignment.chatId, assignment.agentId);
    } catch (error) {
      failedOffers.add(assignment, snapshot.nowMs + retryAfterMs);
      options.onError(error, assignment);
    }
  }
  let nextAtMs = decision.nextChangeAtMs;
  try {
    nextAtMs = earlier(nextAtMs, options.afterRound?.() ?? null);
  } catch (error) {
    nextAtMs = earlier(nextAtMs, clock.now() + retryAfterMs);
    options.onError(error);
  }
  try {
    options.onRound?.({ snapshot, decision });
  } catch (error) {
    options.onError(error);
  }
  const anyFailed = applied.size < decision.assignments.length;
  return { nextAtMs, applied, anyFailed };
}

/**
 * Runs a round of routing whenever it is woken, at most one in a turn of the event loop however often it is woken, and
 * by itself when an exclusion ends, a relaxation comes or a wait is over. There is no polling: the caller wakes the loop when a chat is queued, when an
 * agent becomes ready or has room again, and when a chat is released.
 *
 * A round with assignments is followed by another, for applying may have changed more than the snapshot knew. That
 * ends when a round applies nothing that the round before it had not applied already.
 */
export function createRoutingLoop(options: RoutingLoopOptions): RoutingLoop {
  const { clock, schedule, onError, retryAfterMs = defaultRetryAfterMs } = options;
  const failedOffers = new FailedOffers();
  let scheduled = false;
  let stopped = false;
  let cancelTimer: Cancel | null = null;
  let previouslyApplied: ReadonlyMap<ChatId, AgentId> = new Map();

  /** A round is asked for even when the loop was not woken: the chat waits again and others may take it. */
  const failedLater = (assignment: RoutingAssignment, error: unknown): void => {
    failedOffers.add(assignment, clock.now() + retryAfterMs);
    onError(error, assignment);
    wake();
  };

  const attempt = (): RoundOutcome => {
    try {
      return runRound(options, failedOffers, failedLater);
    } catch (error) {
      onError(error);
      return { nextAtMs: clock.now() + retryAfterMs, applied: new Map(), anyFailed: false };
    }
  };

  const turn = (): void => {
    scheduled = false;
    if (stopped) return;
    cancelTimer?.();
    cancelTimer = null;
    const { nextAtMs, applied, anyFailed } = attempt();
    if (stopped) return;
    if (nextAtMs !== null) cancelTimer = clock.setTimer(nextAtMs, wake);
    const news = [...applied].some(([chatId, agentId]) => previouslyApplied.get(chatId) !== agentId);
    previouslyApplied = applied;
    if (news || anyFailed) wake();
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
