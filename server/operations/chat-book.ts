import { refuse, isRefusal, type Refusal } from '@parley/contract/refusals.ts';
import type { Clock } from '../clock.ts';
import { assignmentOf, foldLog, isClosed, isLive, isSupervisor, type Chat } from '../domain/chat.ts';
import type { ChatEvent, StoredEvent } from '../domain/chat-event.ts';
import type { ChatOperation } from '../domain/capabilities.ts';
import type { ChatCommand } from '../domain/commands.ts';
import { decide, impossible, stamp } from '../domain/decide.ts';
import type { AgentId, ChatId } from '../domain/ids.ts';
import type { Journal, TableWrite } from '../journal/journal.ts';
import { project, type KeptLog } from '../journal/projection.ts';
import type { ChatMask } from '../masking/chat-mask.ts';
import { ChatLog } from './chat-log.ts';
import { take } from './take.ts';

/** Whose request caused a commit: the `referenceId` goes back to that agent only (gws-agent-api §3.3). */
export interface Origin {
  readonly agentId: AgentId;
  readonly referenceId: number;
}

/** What one operation made of a chat, once durable. `before` is null for a new chat. */
export interface Commit {
  readonly before: Chat | null;
  readonly after: Chat;
  readonly stored: readonly StoredEvent[];
  readonly origin: Origin | undefined;
  /** When it was decided, by `performance.now()`: from here on delivery is measured. */
  readonly acceptedAtMs?: number;
}

interface LiveChat {
  /** The chat with all its decided events: what the next command is decided on. */
  head: Chat;
  /** The chat as far as it is on disk: what anybody may see; null until its request is. */
  durable: Chat | null;
  /** All decided events; the first `durable.seq` of them are on disk. */
  readonly log: ChatLog;
  /** When each agent's last offer was on disk, and so could be shown; Infinity until then. Made with the first offer. */
  offersShownAtMs?: Map<AgentId, number>;
}

/** Rows of other books that change in the same transaction as the events. */
export interface ExtraWrites {
  /** The writes that follow from the events; changes nothing. */
  writesFor(stored: readonly StoredEvent[], after: Chat): readonly TableWrite[];
  /** The store has taken those writes. */
  took?(writes: readonly TableWrite[]): void;
  /** They are on disk. */
  durable?(writes: readonly TableWrite[]): void;
}

export interface ChatBookOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly extraWrites: ExtraWrites;
  /** What is stored and told goes through it first. */
  readonly mask: ChatMask;
  /** A chat's head changed; it may not be durable yet. For the router and the timers. */
  readonly onHead: (before: Chat | null, after: Chat) => void;
  /** A commit is durable. Runs in log order, before the operation's own answer. For the notifications. */
  readonly onCommit: (commit: Commit) => void;
}

/** The agents' offers among these events count as shown from this time on. */
function setOffersShown(live: LiveChat, stored: readonly StoredEvent[], atMs: number): void {
  for (const { event } of stored)
    if (event.type === 'ChatOffered') (live.offersShownAtMs ??= new Map()).set(event.agentId, atMs);
}

function enter(
  index: Map<AgentId, Set<ChatId>>,
  chatId: ChatId,
  { agentId, isIn }: { readonly agentId: AgentId; readonly isIn: boolean },
): void {
  let chats = index.get(agentId);
  if (isIn) {
    if (!chats) index.set(agentId, (chats = new Set()));
    chats.add(chatId);
  } else chats?.delete(chatId);
}

/**
 * The live chats. A command is decided on the newest state at once and answered when its events are on disk, so the
 * disk is never waited for before the next command of the same chat is decided; readers see durable state only.
 */
export class ChatBook {
  readonly #options: ChatBookOptions;
  readonly #live = new Map<ChatId, LiveChat>();
  readonly #byAgent = new Map<AgentId, Set<ChatId>>();
  /** Of those the ones that take a part of the agent's capacity: supervising does not. */
  readonly #loads = new Map<AgentId, Set<ChatId>>();
  readonly #waiting = new Set<ChatId>();

  constructor(options: ChatBookOptions) {
    this.#options = options;
  }

  /** Takes over a chat from its stored log, at start. */
  restore(events: readonly StoredEvent[]): void {
    const chat = foldLog(events);
    if (!chat || isClosed(chat)) return;
    this.#live.set(chat.id, { head: chat, durable: chat, log: new ChatLog(events) });
    this.#index(chat);
    this.#options.onHead(null, chat);
  }

  get size(): number {
    return this.#live.size;
  }

  /** Opens a chat with its first events. Resolves when they are durable, or at once with Unavailable. */
  open(
    chatId: ChatId,
    events: readonly ChatEvent[],
    writes: readonly TableWrite[],
  ): Promise<Commit | Refusal> {
    if (this.#live.has(chatId)) throw new Error(`chat ${chatId} exists`);
    const { clock, mask } = this.#options;
    const { stored, chat } = stamp(null, mask.live(null, events), { chatId, atMs: clock.now() });
    const live: LiveChat = { head: chat, durable: null, log: new ChatLog() };
    const acceptedAtMs = performance.now();
    return this.#append(live, { before: null, after: chat, stored, origin: undefined, acceptedAtMs }, writes);
  }

  /**
   * Carries out one command. Resolves with the commit when it is durable, or at once with the refusal: that of
   * `decide`, or Unavailable when too much waits for the disk; then nothing has happened.
   */
  submit(chatId: ChatId, command: ChatCommand, origin?: Origin): Promise<Commit | Refusal> {
    const live = this.#live.get(chatId);
    if (!live) return Promise.resolve(refuse('NotFound'));
    const before = live.head;
    const decided = decide(before, command);
    if (isRefusal(decided)) return Promise.resolve(decided);
    if (decided.length === 0) return Promise.resolve({ before, after: before, stored: [], origin });
    // The log's own clock never runs backwards, whatever the machine's does.
    const atMs = Math.max(this.#options.clock.now(), live.log.lastAtMs);
    const { stored, chat } = stamp(before, this.#options.mask.live(before, decided), { chatId, atMs });
    return this.#append(live, { before, after: chat, stored, origin, acceptedAtMs: performance.now() }, []);
  }

  /** The head moves on only once the store has taken the events: what it refuses must not be built upon. */
  #append(live: LiveChat, commit: Commit, writes: readonly TableWrite[]): Promise<Commit | Refusal> {
    const { before, after, stored } = commit;
    const { journal, clock, extraWrites, mask, onCommit, onHead } = this.#options;
    const outside = mask.outside({ stored, chat: after });
    const extra = extraWrites.writesFor(outside.stored, outside.chat);
    const derived = project(before, after, stored, () => this.#kept(live, commit));
    const { promise, resolve, reject } = Promise.withResolvers<Commit | Refusal>();
    const onDurable = (): void => {
      live.durable = after;
      setOffersShown(live, stored, clock.now());
      if (isClosed(after)) this.#live.delete(after.id);
      if (extra.length > 0) extraWrites.durable?.(extra);
      onCommit(commit);
      resolve(commit);
    };
    try {
      const refused = take(journal, { events: stored, writes: [...writes, ...extra, ...derived] }, onDurable);
      if (refused) return Promise.resolve(refused);
    } catch (error) {
      reject(error);
      return promise;
    }
    extraWrites.took?.(extra);
    if (before === null) this.#live.set(after.id, live);
    live.head = after;
    live.log.push(stored);
    setOffersShown(live, stored, Infinity);
    this.#index(after);
    onHead(before, after);
    return promise;
  }

  /** What is kept of a chat that is over. */
  #kept(live: LiveChat, { after, stored }: Commit): KeptLog {
    const log = [...live.log.upTo(live.head.seq), ...stored];
    const events = this.#options.mask.kept(log);
    const isMasked = events !== log;
    return { events, isMasked, chat: (isMasked ? foldLog(events) : null) ?? after };
  }

  #index(chat: Chat): void {
    if (chat.waiting) this.#waiting.add(chat.id);
    else this.#waiting.delete(chat.id);
    for (const assignment of chat.assignments) {
      enter(this.#byAgent, chat.id, { agentId: assignment.agentId, isIn: isLive(assignment) });
      const takesCapacity = isLive(assignment) && !isSupervisor(assignment.role);
      enter(this.#loads, chat.id, { agentId: assignment.agentId, isIn: takesCapacity });
    }
  }

  /** The chat with all that is decided, perhaps not yet on disk; undefined when it is not live. */
  head(chatId: ChatId): Chat | undefined {
    return this.#live.get(chatId)?.head;
  }

  /** Why the agent cannot ask for the operation at all now, whatever its parameters; null when they can. */
  cannot(chatId: ChatId, agentId: AgentId, operation: ChatOperation): Refusal | null {
    const chat = this.head(chatId);
    return chat ? impossible(chat, agentId, operation) : refuse('NotFound');
  }

  /** The chat as it is on disk; undefined when it is not live. */
  durable(chatId: ChatId): Chat | undefined {
    return this.#live.get(chatId)?.durable ?? undefined;
  }

  /**
   * Since when the agent may have seen what they were offered last: Infinity while it is not on disk; 0 when an earlier
   * server made the offer.
   */
  offerShownAtMs(chatId: ChatId, agentId: AgentId): number {
    return this.#live.get(chatId)?.offersShownAtMs?.get(agentId) ?? 0;
  }

  /** The queue in which the chat stands or last stood; undefined when it is not live. */
  queueNameOf(chatId: ChatId): string | undefined {
    return this.#live.get(chatId)?.head.placement.queue;
  }

  /** The message-log entries of a live chat that are on disk, from this index on, `most` at most, oldest first. */
  messageLog(chatId: ChatId, fromIndex = 1, most = Infinity): readonly StoredEvent[] {
    const live = this.#live.get(chatId);
    return live?.durable ? live.log.from(fromIndex, live.durable.seq, most) : [];
  }

  /** The events of a live chat that are on disk, up to `seq`; none when it is not live. */
  eventsUpTo(chatId: ChatId, seq: number): readonly StoredEvent[] {
    const live = this.#live.get(chatId);
    return live?.durable ? live.log.upTo(Math.min(seq, live.durable.seq)) : [];
  }

  /** The chats in which the agent has something to do, counting what is decided and not yet on disk. */
  idsOf(agentId: AgentId): readonly ChatId[] {
    return [...(this.#byAgent.get(agentId) ?? [])];
  }

  /** The agents who have something to do in a chat. */
  busyAgents(): readonly AgentId[] {
    return [...this.#byAgent].flatMap(([agentId, chats]) => (chats.size > 0 ? [agentId] : []));
  }

  /** The live chats in which the agent has something to do, as on disk, oldest first. */
  chatsOf(agentId: AgentId): readonly Chat[] {
    return [...(this.#byAgent.get(agentId) ?? [])].flatMap((chatId) => {
      const chat = this.durable(chatId);
      // The index counts what is decided: an offer that is not on disk yet is nothing the agent may see.
      const assignment = chat && assignmentOf(chat, agentId);
      return assignment && isLive(assignment) ? [chat] : [];
    });
  }

  /** All live chats, as decided. */
  *heads(): Iterable<Chat> {
    for (const { head } of this.#live.values()) yield head;
  }

  /** How many chats the agent has or has been offered, counting what is decided and not yet on disk. */
  loadOf(agentId: AgentId): number {
    return this.#loads.get(agentId)?.size ?? 0;
  }

  /** The chats that wait for an agent, counting what is decided and not yet on disk. */
  waiting(): readonly Chat[] {
    return [...this.#waiting].flatMap((chatId) => this.#live.get(chatId)?.head ?? []);
  }
}
