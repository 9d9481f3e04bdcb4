import type { Config } from './config/config.ts';
import type { Clock } from './clock.ts';
import { isClosed, type Chat } from './domain/chat.ts';
import type { RandomBytes } from './domain/ids.ts';
import type { Journal, Recovered } from './journal/journal.ts';
import { AgentRoster, type RosterChange } from './operations/agent-roster.ts';
import { ChatBook, type Commit } from './operations/chat-book.ts';
import { ChatTimers } from './operations/chat-timers.ts';
import { ContactBook } from './operations/contact-book.ts';
import type { ChatFailure, Operations } from './operations/operations.ts';
import { configuredAgent } from './operations/people.ts';
import { applyAssignment, routingSnapshot } from './operations/router.ts';
import { offerTimedOut } from './operations/time-out.ts';
import { createRoutingLoop, type RoutingLoop, type RoutingRound } from './routing/loop.ts';

export interface ContactCenterOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly journal: Journal;
  /** A chat's commit is durable. */
  readonly onChat: (commit: Commit) => void;
  /** A change of an agent is durable. */
  readonly onAgent: (change: RosterChange) => void;
  /** What an agent asked for has failed after it was answered. */
  readonly onFailure: (failure: ChatFailure) => void;
  readonly onRound?: (round: RoutingRound) => void;
  readonly onError: (error: unknown) => void;
}

/**
 * The contact centre without any wire: books, router and timers put together. What happens comes in through
 * `operations`; what became durable goes out through `onChat` and `onAgent`.
 */
export class ContactCenter {
  readonly operations: Operations;
  readonly #options: ContactCenterOptions;
  readonly #loop: RoutingLoop;
  readonly #timers: ChatTimers;

  constructor(options: ContactCenterOptions) {
    const { config, clock, random, journal } = options;
    this.#options = options;
    const contacts = new ContactBook(journal);
    const people = new Map(config.agents.map((agent) => [agent.id, configuredAgent(agent)]));
    let referenceId = 0;
    this.operations = {
      config,
      clock,
      random,
      journal,
      contacts,
      people,
      chats: new ChatBook({
        journal,
        clock,
        extraWrites: (stored) => contacts.writesFor(stored),
        onHead: (before, after) => this.#chatMoved(before, after),
        onCommit: (commit) => this.#chatCommitted(commit),
      }),
      roster: new AgentRoster({
        journal,
        clock,
        agentIds: people.keys(),
        onHead: () => this.#loop.wake(),
        onCommit: (change) => this.#guard(() => options.onAgent(change)),
      }),
      queues: new Map(config.queues.map((queue) => [queue.name, queue])),
      services: new Map(config.services.map((service) => [service.name, service])),
      nextReferenceId: () => (referenceId += 1),
      tellFailure: (failure) => setImmediate(() => this.#guard(() => options.onFailure(failure))),
    };
    this.#timers = new ChatTimers(clock, (chatId, deadline) => {
      offerTimedOut(this.operations, chatId, deadline).catch(options.onError);
    });
    this.#loop = createRoutingLoop({
      clock,
      schedule: setImmediate,
      snapshot: () => routingSnapshot(this.operations),
      apply: (assignment) => applyAssignment(this.operations, assignment),
      ...(options.onRound ? { onRound: options.onRound } : {}),
      onError: options.onError,
    });
  }

  /** Takes over what the journal holds: live chats go on, timers run again, the router looks at once. */
  async restore(recovered: Recovered): Promise<void> {
    const { roster, chats, contacts } = this.operations;
    for (const row of recovered.agents) roster.restore(row);
    for (const events of recovered.liveChats.values()) {
      const [first] = events;
      if (first?.event.type === 'ChatRequested') await contacts.restore(first.event.contactId);
      chats.restore(events);
    }
    this.#loop.wake();
  }

  /** Stops routing and timers; what is being written still becomes durable. */
  stop(): void {
    this.#loop.stop();
    this.#timers.stop();
  }

  #chatMoved(before: Chat | null, after: Chat): void {
    this.#timers.follow(after);
    // Messages and typing change nothing that the router looks at.
    const same = before?.assignments === after.assignments && before.waiting === after.waiting;
    if (same) return;
    for (const assignment of after.assignments)
      if (before && before.assignments !== after.assignments && assignment.sinceMs > before.requestedAtMs)
        this.#turnOf(before, assignment);
    this.#loop.wake();
  }

  #turnOf(before: Chat, { agentId, state }: Chat['assignments'][number]): void {
    const was = before.assignments.find((one) => one.agentId === agentId)?.state;
    if (was !== state && state === 'Completed') this.operations.roster.restartTurn(agentId);
  }

  #chatCommitted(commit: Commit): void {
    if (isClosed(commit.after)) this.operations.contacts.release(commit.after.contactId);
    this.#guard(() => this.#options.onChat(commit));
  }

  /** What is durable stays so when telling it fails: the error is reported, the next commit is told. */
  #guard(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#options.onError(error);
    }
  }
}
