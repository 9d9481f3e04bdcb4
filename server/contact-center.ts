import { isRefusal } from '@parley/contract/refusals.ts';
import type { Config } from './config/config.ts';
import type { Clock } from './clock.ts';
import { isClosed, type Chat } from './domain/chat.ts';
import type { ChatId, RandomBytes } from './domain/ids.ts';
import { Overload, type OverloadOptions } from './limits/overload.ts';
import { Retention } from './operations/retention.ts';
import { RequestLimits } from './limits/request-limits.ts';
import type { Files } from './files/files.ts';
import type { Journal, Recovered } from './journal/journal.ts';
import { createChatMask, type ChatMask } from './masking/chat-mask.ts';
import { AuditTrail } from './operations/audit-trail.ts';
import { agentIsGone, revokeOffersOf } from './operations/agent-gone.ts';
import { AgentPresence } from './operations/agent-presence.ts';
import { AgentRoster, type RosterChange } from './operations/agent-roster.ts';
import { ChatBook, type Commit, type ExtraWrites } from './operations/chat-book.ts';
import { ChatTimers } from './operations/chat-timers.ts';
import type { Deadline } from './operations/deadlines.ts';
import { CustomerPresence } from './operations/customer-presence.ts';
import { ContactBook } from './operations/contact-book.ts';
import { joinedWrites } from './operations/joined-writes.ts';
import type { ChatFailure, Operations } from './operations/operations.ts';
import { KeptReads } from './operations/kept-reads.ts';
import { onNobodysBehalf } from './operations/keyed-request.ts';
import { RequestKeys } from './operations/request-keys.ts';
import { CustomerIdentity } from './auth/customer-identity.ts';
import { ServiceCredentials } from './auth/service-credentials.ts';
import { SecureKeys } from './operations/secure-keys.ts';
import { SetUp } from './operations/set-up.ts';
import { QueueLimits } from './operations/queue-limits.ts';
import { applyAssignment, routingSnapshot, waitingChats } from './operations/router.ts';
import { isUnavailable, retryMs } from './operations/take.ts';
import { timeLimits } from './operations/time-limits.ts';
import { fellDue } from './operations/time-out.ts';
import { WaitingLine } from './operations/waiting-line.ts';
import type { RoutingAssignment } from './routing/snapshot.ts';
import { createRoutingLoop, type RoutingLoop, type RoutingRound } from './routing/loop.ts';

export interface ContactCenterOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly journal: Journal;
  /** Rows of books outside that change in the same transaction as a chat's events. */
  readonly extraWrites?: readonly ExtraWrites[];
  readonly files: Files;
  /** A customer has asked something of this chat. */
  readonly onCustomerHeard?: (chatId: ChatId) => void;
  /** A chat's commit is durable. */
  readonly onChat: (commit: Commit) => void;
  /** A change of an agent is durable. */
  readonly onAgent: (change: RosterChange) => void;
  /** What an agent asked for has failed after it was answered. */
  readonly onFailure: (failure: ChatFailure) => void;
  /** The server has begun, or ceased, to refuse what is too much. */
  readonly onOverload?: NonNullable<OverloadOptions['onChange']>;
  readonly onRound?: (round: RoutingRound) => void;
  readonly onError: (error: unknown) => void;
}

/** A timer so late means that no request could be heard meanwhile. */
const deafAfterMs = 5_000;

/**
 * The contact centre without any wire: books, router and timers put together. What happens comes in through
 * `operations`; what became durable goes out through `onChat` and `onAgent`.
 */
export class ContactCenter {
  readonly operations: Operations;
  readonly #options: ContactCenterOptions;
  readonly #loop: RoutingLoop;
  readonly #timers: ChatTimers;
  readonly #retention: Retention;
  #lastReferenceId = 0;

  constructor(options: ContactCenterOptions) {
    const { config, clock, random, journal, files, onError } = options;
    this.#options = options;
    const contacts = new ContactBook(journal);
    const setUp = new SetUp(config);
    const mask = createChatMask(config.masking);
    this.operations = {
      config,
      clock,
      random,
      journal,
      files,
      onError,
      contacts,
      limits: new RequestLimits(config.rateLimits, clock),
      overload: this.#overload(),
      setUp,
      mask,
      audit: new AuditTrail(journal),
      requestKeys: new RequestKeys({ journal, clock, ...config.idempotency }),
      people: setUp.people,
      chats: this.#chatBook(contacts, mask),
      roster: new AgentRoster({
        journal,
        clock,
        agentIds: setUp.people.keys(),
        onHead: () => this.#loop.wake(),
        onCommit: (change) => this.#guard(() => options.onAgent(change)),
      }),
      line: new WaitingLine({ clock, waiting: () => waitingChats(this.operations) }),
      presence: this.#presence(),
      customerPresence: new CustomerPresence(clock),
      queues: setUp.entries('queue'),
      services: new Map(config.services.map((service) => [service.name, service])),
      identity: new CustomerIdentity(config.services, clock),
      serviceCredentials: new ServiceCredentials(config.services, random),
      secureKeys: new SecureKeys(),
      keptReads: new KeptReads(),
      nextReferenceId: () => (this.#lastReferenceId += 1),
      customerHeard: options.onCustomerHeard ?? (() => {}),
      tellFailure: (failure) => setImmediate(() => this.#guard(() => options.onFailure(failure))),
    };
    this.#follow(setUp);
    this.#timers = this.#chatTimers();
    this.#retention = new Retention(this.operations);
    const limits = new QueueLimits(this.operations, options.onError);
    this.#loop = createRoutingLoop({
      clock,
      // A round is nobody's request, whatever has woken the loop.
      schedule: (round) => void onNobodysBehalf(() => setImmediate(round)),
      snapshot: () => routingSnapshot(this.operations),
      apply: (assignment) => this.#offer(assignment),
      afterRound: () => limits.look(),
      ...(options.onRound ? { onRound: options.onRound } : {}),
      onError: options.onError,
    });
  }

  #chatTimers(): ChatTimers {
    const { clock, onError } = this.#options;
    const { operations } = this;
    const { chats, customerPresence } = operations;
    return new ChatTimers({
      clock,
      limitsOf: timeLimits(operations, clock.now()),
      headOf: (chatId) => chats.head(chatId),
      lastSeenAtMs: (chat) => customerPresence.lastSeenAtMs(chat),
      onLate(lateMs) {
        if (lateMs > deafAfterMs) customerPresence.startAnew();
      },
      onDue: (chatId, deadline) => void this.#fellDue(chatId, deadline).catch(onError),
    });
  }

  #follow(setUp: SetUp): void {
    setUp.onChange((change) => {
      if (change.kind === 'user' && change.after) this.operations.roster.add(change.after.id);
      // Anybody's skills, capacity or queue may now make an assignment possible.
      this.#loop.wake();
    });
  }

  #chatBook(contacts: ContactBook, mask: ChatMask): ChatBook {
    const { journal, clock } = this.#options;
    return new ChatBook({
      journal,
      clock,
      extraWrites: joinedWrites([contacts, ...(this.#options.extraWrites ?? [])]),
      mask,
      onHead: (before, after) => this.#chatMoved(before, after),
      onCommit: (commit) => this.#chatCommitted(commit),
    });
  }

  #overload(): Overload {
    const { config, journal, onOverload } = this.#options;
    return new Overload({
      limits: config.overload,
      maxOpenChats: config.limits.openChats,
      meter: journal.meter,
      openChats: () => this.operations.chats.size,
      ...(onOverload ? { onChange: onOverload } : {}),
    });
  }

  #presence(): AgentPresence {
    const { clock, config, onError } = this.#options;
    return new AgentPresence({
      clock,
      ...config.presence,
      onThere: () => this.#loop.wake(),
      onLost: (agentId) => {
        void revokeOffersOf(this.operations, agentId).catch(onError);
        // A queue may have nobody left who could take its chats.
        this.#loop.wake();
      },
      onGone: (agentId) => void agentIsGone(this.operations, agentId).catch(onError),
    });
  }

  /** Takes over what was changed over the API; before anybody is let in and before `restore`. */
  restoreSetUp(recovered: Recovered): void {
    this.operations.setUp.restore(recovered.provisioned);
    this.operations.audit.restore(recovered.lastAudit);
    this.operations.requestKeys.restore(recovered.requestKeys);
  }

  /** Takes over what the journal holds: live chats go on, timers run again, the router looks at once. */
  async restore(recovered: Recovered): Promise<void> {
    const { roster, chats, contacts, presence } = this.operations;
    for (const row of recovered.agents) roster.restore(row);
    for (const events of recovered.liveChats.values()) {
      const [first] = events;
      if (first?.event.type === 'ChatRequested') await contacts.restore(first.event.contactId);
      chats.restore(events);
    }
    for (const { state } of roster.heads())
      if (state.sessionStartedAtMs !== null) presence.expect(state.agentId);
    for (const agentId of chats.busyAgents()) presence.expect(agentId);
    this.operations.customerPresence.startAnew();
    this.#loop.wake();
    this.#retention.start();
  }

  /** A customer's tab listens to the chat no more. */
  customerTabClosed(chatId: ChatId): void {
    const chat = this.operations.chats.head(chatId);
    if (this.operations.customerPresence.closed(chatId) && chat) this.#timers.follow(chat);
  }

  /** Stops routing and timers; what is being written still becomes durable. */
  stop(): void {
    this.#loop.stop();
    this.#timers.stop();
    this.#retention.stop();
    this.operations.presence.stop();
  }

  /**
   * Without room in the store nothing has happened, so nothing would make the router look again. Any other refusal is
   * an error, after which the loop does not make the same offer again at once.
   */
  async #offer(assignment: RoutingAssignment): Promise<void> {
    const { clock } = this.#options;
    const offered = await applyAssignment(this.operations, assignment);
    if (isUnavailable(offered)) clock.setTimer(clock.now() + retryMs, () => this.#loop.wake());
    else if (isRefusal(offered))
      throw new Error(
        `an offer of chat ${assignment.chatId} was refused: ${offered.detail ?? offered.refused}`,
      );
  }

  async #fellDue(chatId: ChatId, deadline: Deadline): Promise<void> {
    await fellDue(this.operations, chatId, deadline);
    // A customer who came back while the store was full has changed nothing that would set the timer again.
    const chat = this.operations.chats.head(chatId);
    if (deadline.kind === 'customer-gone' && chat) this.#timers.follow(chat);
  }

  #chatMoved(before: Chat | null, after: Chat): void {
    this.#timers.follow(after);
    this.operations.line.follow(before, after);
    // Messages and typing change nothing that the router looks at.
    const same =
      before?.assignments === after.assignments &&
      before.waiting === after.waiting &&
      before.placement === after.placement;
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
    if (isClosed(commit.after)) {
      this.operations.contacts.release(commit.after.contactId);
      this.operations.limits.closed(commit.after.id);
    }
    if (commit.after.session === 'Ended') this.operations.customerPresence.forget(commit.after.id);
    this.#offersShown(commit);
    this.#guard(() => this.#options.onChat(commit));
  }

  /** An offer begins to ring when it is durable. */
  #offersShown({ after, stored }: Commit): void {
    const head = this.operations.chats.head(after.id);
    if (head && stored.some(({ event }) => event.type === 'ChatOffered')) this.#timers.follow(head);
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
