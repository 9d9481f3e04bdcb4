import type { Cancel, Clock } from '../clock.ts';
import type { AgentId } from '../domain/ids.ts';

export interface AgentPresenceOptions {
  readonly clock: Clock;
  /** Without a push session for so long an agent who listens is lost. */
  readonly lostAfterMs: number;
  /** Without a request for so long an agent who does not listen is lost. */
  readonly silentAfterMs: number;
  /** So long after they were lost an agent is gone. */
  readonly graceMs: number;
  /** Nothing can be offered to the agent any more. */
  readonly onLost: (agentId: AgentId) => void;
  /** The agent has come, or is back within the grace time. */
  readonly onThere: (agentId: AgentId) => void;
  /** The grace time is over. */
  readonly onGone: (agentId: AgentId) => void;
}

interface Entry {
  pushSessions: number;
  /** The agent has listened since they last started their session: then requests alone are no sign of life. */
  listens: boolean;
  state: 'there' | 'lost';
  /** When the agent is lost unless they show themself; Infinity while they have a push session. */
  lostAtMs: number;
  timer: { readonly atMs: number; readonly cancel: Cancel } | undefined;
}

/**
 * Whether agents are there, from the connections that they hold and the requests that they send; never from what a
 * page says of itself, for browsers slow down the timers of pages in the background.
 *
 * Holds one entry for each agent who was seen and is not gone. After a restart nobody is connected yet: everyone whom
 * `expect` names counts as just seen.
 */
export class AgentPresence {
  readonly #options: AgentPresenceOptions;
  readonly #entries = new Map<AgentId, Entry>();

  constructor(options: AgentPresenceOptions) {
    this.#options = options;
  }

  /** Whether the agent can be offered something. False for those of whom nothing was seen or expected. */
  isThere(agentId: AgentId): boolean {
    return this.#entries.get(agentId)?.state === 'there';
  }

  /** At a restart: the agent was at work. They get all their time anew. */
  expect(agentId: AgentId): void {
    this.#seen(agentId, this.#options.lostAfterMs);
  }

  /** A request of one of the agent's login sessions has come in. */
  requested(agentId: AgentId): void {
    if (this.#entries.get(agentId)?.listens !== true) this.#seen(agentId, this.#options.silentAfterMs);
  }

  /** The agent has started their session: until they listen again, requests are signs of life. */
  started(agentId: AgentId): void {
    const entry = this.#entries.get(agentId);
    if (entry?.pushSessions === 0) entry.listens = false;
    this.requested(agentId);
  }

  /** One of the agent's push sessions has its first subscription. */
  pushOpened(agentId: AgentId): void {
    const entry = this.#seen(agentId, Infinity);
    entry.pushSessions += 1;
    entry.listens = true;
  }

  /** One of those sessions is over; nothing changes while they have another. */
  pushEnded(agentId: AgentId): void {
    const entry = this.#entries.get(agentId);
    if (!entry || entry.pushSessions === 0) return;
    entry.pushSessions -= 1;
    if (entry.pushSessions === 0) this.#seen(agentId, this.#options.lostAfterMs);
  }

  stop(): void {
    for (const { timer } of this.#entries.values()) timer?.cancel();
    this.#entries.clear();
  }

  /** The agent is there, and will be for so long without another sign. */
  #seen(agentId: AgentId, forMs: number): Entry {
    const isNew = !this.#entries.has(agentId);
    const entry = this.#entryOf(agentId);
    entry.lostAtMs = this.#options.clock.now() + forMs;
    const wasLost = entry.state === 'lost';
    entry.state = 'there';
    // A timer that comes too early looks again: requests are many, and most change nothing.
    if (!entry.timer || entry.lostAtMs < entry.timer.atMs) this.#wait(agentId, entry, entry.lostAtMs);
    if (isNew || wasLost) this.#options.onThere(agentId);
    return entry;
  }

  #entryOf(agentId: AgentId): Entry {
    const known = this.#entries.get(agentId);
    if (known) return known;
    const entry: Entry = { pushSessions: 0, listens: false, state: 'there', lostAtMs: 0, timer: undefined };
    this.#entries.set(agentId, entry);
    return entry;
  }

  #wait(agentId: AgentId, entry: Entry, atMs: number): void {
    entry.timer?.cancel();
    entry.timer = undefined;
    if (atMs === Infinity) return;
    const cancel = this.#options.clock.setTimer(atMs, () => {
      entry.timer = undefined;
      this.#look(agentId, entry);
    });
    entry.timer = { atMs, cancel };
  }

  #look(agentId: AgentId, entry: Entry): void {
    const { clock, graceMs, onLost, onGone } = this.#options;
    if (entry.state === 'lost') {
      this.#entries.delete(agentId);
      return onGone(agentId);
    }
    if (clock.now() < entry.lostAtMs) return this.#wait(agentId, entry, entry.lostAtMs);
    entry.state = 'lost';
    this.#wait(agentId, entry, entry.lostAtMs + graceMs);
    return onLost(agentId);
  }
}
