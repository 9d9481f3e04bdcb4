import type { Refusal } from '@parley/contract/refusals.ts';
import type { Clock } from '../clock.ts';
import { signedOut, type AgentState } from '../domain/agent.ts';
import type { AgentId } from '../domain/ids.ts';
import type { AgentRow, Journal } from '../journal/journal.ts';
import type { Origin } from './chat-book.ts';
import { take } from './take.ts';

export interface RosterChange {
  readonly before: AgentState;
  readonly after: AgentState;
  readonly origin: Origin | undefined;
}

export interface AgentRosterOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly agentIds: Iterable<AgentId>;
  /** An agent's state changed; it may not be durable yet. For the router. */
  readonly onHead: () => void;
  /** A change is durable. For the notifications. */
  readonly onCommit: (change: RosterChange) => void;
}

interface Entry {
  head: AgentState;
  durable: AgentState;
  /** Since when the agent has been free for another chat; taking or finishing one starts it anew. */
  freeSinceMs: number;
}

/** Every user of the set-up and where they stand. Changes are answered when they are on disk, like those of a chat. */
export class AgentRoster {
  readonly #options: AgentRosterOptions;
  readonly #agents = new Map<AgentId, Entry>();

  constructor(options: AgentRosterOptions) {
    this.#options = options;
    for (const agentId of options.agentIds) this.add(agentId);
  }

  /** Takes an agent in, signed out; nothing happens to one who is there. */
  add(agentId: AgentId): void {
    if (this.#agents.has(agentId)) return;
    const state = signedOut(agentId);
    this.#agents.set(agentId, { head: state, durable: state, freeSinceMs: 0 });
  }

  /** Forgets an agent who was removed from the set-up. */
  remove(agentId: AgentId): void {
    this.#agents.delete(agentId);
  }

  has(agentId: AgentId): boolean {
    return this.#agents.has(agentId);
  }

  /** Takes over a stored state at start; agents who are no longer configured are passed over. */
  restore(row: AgentRow): void {
    const entry = this.#agents.get(row.agentId);
    if (!entry) return;
    entry.head = entry.durable = row.state as AgentState;
  }

  /** The agent's state as on disk. Throws for an agent who is not configured. */
  stateOf(agentId: AgentId): AgentState {
    return this.#entry(agentId).durable;
  }

  /** Everybody's newest state, decided and perhaps not yet on disk. */
  *heads(): Iterable<{ readonly state: AgentState; readonly freeSinceMs: number }> {
    for (const { head, freeSinceMs } of this.#agents.values()) yield { state: head, freeSinceMs };
  }

  /** Starts the agent's turn anew: they took or finished a chat. */
  restartTurn(agentId: AgentId): void {
    const entry = this.#agents.get(agentId);
    if (entry) entry.freeSinceMs = this.#options.clock.now();
  }

  /**
   * Applies a pure change; resolves when it is on disk, at once when it changes nothing. Refuses Unavailable when too
   * much waits for the disk; then nothing has changed.
   */
  change(
    agentId: AgentId,
    change: (state: AgentState) => AgentState,
    origin?: Origin,
  ): Promise<RosterChange | Refusal> {
    const entry = this.#entry(agentId);
    const before = entry.head;
    const after = change(before);
    if (after === before) return Promise.resolve({ before, after, origin });
    const changed = { before, after, origin };
    const { journal, onCommit, onHead } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<RosterChange | Refusal>();
    const writes = [{ table: 'agents', row: { agentId, state: after } } as const];
    const onDurable = (): void => {
      entry.durable = after;
      onCommit(changed);
      resolve(changed);
    };
    try {
      const refused = take(journal, { events: [], writes }, onDurable);
      if (refused) return Promise.resolve(refused);
    } catch (error) {
      reject(error);
      return promise;
    }
    entry.head = after;
    onHead();
    return promise;
  }

  #entry(agentId: AgentId): Entry {
    const entry = this.#agents.get(agentId);
    if (!entry) throw new Error(`agent ${agentId} is not configured`);
    return entry;
  }
}
