import { AgentClient } from '@parley/client/agent-client.ts';
import type { MediaChannel } from '@parley/contract/gws/agent-state.ts';
import type { Chat } from '@parley/contract/gws/chat.ts';
import type { MessageLogUpdated } from '@parley/contract/gws/notifications.ts';
import { entryOfAgent, type LogEntry, type Saying } from '@parley/load/history/chat-history.ts';
import type { StreamRecord } from '@parley/load/history/chat-record.ts';
import { sentenceOf } from '@parley/load/history/history-book.ts';
import { attempted, isDenied } from '@parley/load/run/attempted.ts';
import { integerBetween } from '@parley/server/routing/seeded-random.ts';
import type { CrashContext, Part } from './crash-context.ts';
import { gateUrl } from './gate.ts';
import { removalsIn } from './leaving-reasons.ts';
import { endOf, type Ended } from './outcome.ts';

const longestPauseMs = 15;

/** Messages of an agent in one chat, at most, before they complete it. */
const mostMessages = 25;

/** NotAllowedInState and NotFound (gws-agent-api §1.2): what an agent may meet whose chat has moved on. */
const movedOn: readonly number[] = [2, 6];

export interface CrashAgentOptions extends Part {
  readonly userName: string;
  readonly password: string;
  /** Lets every offer ring until it is taken back. */
  readonly neverAnswers?: boolean;
  /**
   * May be away until the server takes them for gone, or until their login session is over, and comes back to work
   * then. For anybody else to be sent away is a problem.
   */
  readonly comesBack?: boolean;
  readonly signal: AbortSignal;
}

interface OwnChat {
  readonly id: string;
  nickname: string;
  joinedInLife: number;
}

/**
 * An agent who works through every crash, with the same cookie unless they come back from being away: answers offers,
 * writes, completes, and remembers what was accepted.
 */
export class CrashAgent {
  #client: AgentClient;
  /** Ends the present client. */
  #stop = new AbortController();
  #isSigningIn = false;
  #isGettingReady = false;
  readonly #options: CrashAgentOptions;
  readonly #context: CrashContext;
  /** What this push session is told, by chat. */
  readonly #told = new Map<string, StreamRecord>();
  /** The chats that are being served; each has one loop. */
  readonly #serving = new Map<string, Promise<void>>();
  /** By chat: what the agent has said or done in an earlier stay and was not answered. */
  readonly #unanswered = new Map<string, Saying[]>();
  /** Every chat the agent has ever joined, as far as they know. */
  readonly #joined = new Set<string>();
  #count = 0;
  /** Messages accepted in chats that were joined before the last kill. */
  carriedOn = 0;
  /** How often the agent was back and found that the server had signed them out. */
  timesGone = 0;
  /** How often they had to sign in anew. */
  timesSignedIn = 0;
  /** By chat: how many rejections were answered, and how many were sent. */
  readonly rejections = new Map<string, { accepted: number; sent: number }>();

  constructor(options: CrashAgentOptions) {
    this.#options = options;
    this.#context = options.context;
    this.#client = this.#newClient();
  }

  async begin(): Promise<void> {
    await this.#getToWork(this.#client);
  }

  /** Resolves when the run is over and every loop has ended. */
  async finished(): Promise<void> {
    while (this.#serving.size > 0) await Promise.all(this.#serving.values());
  }

  /** Reads the message log of the chats that are with the agent now, or of all that ever were, and checks them. */
  async verify(which: 'all' | 'current'): Promise<void> {
    const chats = await this.#client.chats();
    const current = chats.filter(({ state }) => state === 'Chatting').map(({ id }) => id);
    for (const chatId of which === 'all' ? this.#joined : current)
      await this.#verify(chatId, which === 'all');
    if (this.#options.comesBack && !isAtWork(await this.#client.channels()))
      this.#context.report(`${this.#options.userName} is not back at work`);
  }

  #newClient(): AgentClient {
    const { userName, password, random, context, signal } = this.#options;
    this.#stop.abort();
    this.#told.clear();
    const stop = (this.#stop = new AbortController());
    const client = new AgentClient({
      ...{ baseUrl: gateUrl, userName, password, random, fetch: context.gate.fetch },
      signal: AbortSignal.any([signal, stop.signal]),
      ...(context.scheduler ? { scheduler: context.scheduler } : {}),
      // Each attempt is a line of the record.
      retry: { deadlineMs: 0 },
    });
    client.on('chat', (notification) => {
      if (notification.messageType !== 'ChatStateChangeMessage') return;
      const { chat } = notification;
      if (chat.state === 'Invited') this.#serve(chat);
    });
    client.on('messages', (notification) => this.#notified(notification));
    client.on('channels', ({ channels }) => {
      if (channels.some(({ userState }) => userState.state === 'LoggedOut')) void this.#getReady(client);
    });
    client.on('renewed', () => {
      this.#told.clear();
      void this.#getReady(client);
      void this.#catchUp();
    });
    client.on('connection', (state) => {
      if (state === 'closed' && !signal.aborted && !stop.signal.aborted) this.#sentAway();
    });
    return client;
  }

  async #getToWork(client: AgentClient): Promise<void> {
    await client.signIn();
    await client.openNotifications();
    await this.#workAgain(client);
  }

  async #workAgain(client: AgentClient): Promise<void> {
    await client.startSession(['chat']);
    await client.setState('Ready');
  }

  #sentAway(): void {
    const { userName, comesBack = false } = this.#options;
    if (comesBack) void this.#signInAnew();
    else this.#context.report(`${userName} was sent away`);
  }

  /** The login session is over: begins another, as often as it takes. */
  async #signInAnew(): Promise<void> {
    if (this.#isSigningIn) return;
    this.#isSigningIn = true;
    while (!this.#options.signal.aborted) {
      this.#client = this.#newClient();
      const begun = await attempted(this.#getToWork(this.#client));
      if (begun.outcome === 'acknowledged') break;
      await this.#pause();
    }
    this.#isSigningIn = false;
    this.timesSignedIn += 1;
    await this.#catchUp();
  }

  /** Signed out by the server for having been away too long: gets to work again. */
  async #getReady(client: AgentClient): Promise<void> {
    if (!this.#options.comesBack || this.#isGettingReady) return;
    this.#isGettingReady = true;
    const work = async (): Promise<boolean> => {
      const isReady = isAtWork(await client.channels());
      if (!isReady) await this.#workAgain(client);
      return !isReady;
    };
    for (let isDone = false; !isDone && client === this.#client && !this.#options.signal.aborted;) {
      const ended = this.#expected(await endOf(work()));
      isDone = ended.outcome !== 'unknown' && !isForNow(ended);
      if (ended.outcome === 'acknowledged' && ended.reply) this.timesGone += 1;
      if (!isDone) await this.#pause();
    }
    this.#isGettingReady = false;
  }

  async #verify(chatId: string, isLast: boolean): Promise<void> {
    const { history, report } = this.#context;
    const answered = history.chat(chatId).ask(this.#options.userName, 'agent');
    const log: LogEntry[] = [];
    for (;;) {
      const read = await endOf(this.#client.messages(chatId, { startIndex: log.length + 1 }));
      if (read.outcome === 'refused' && movedOn.includes(read.error.statusCode) && !this.#joined.has(chatId))
        return;
      if (read.outcome !== 'acknowledged')
        return report(`${this.#options.userName} cannot read ${chatId}: ${JSON.stringify(read)}`);
      log.push(...read.reply.map(entryOfAgent));
      if (read.reply.length === 0) break;
    }
    // An agent's view ends where they left the chat: what others have seen behind it is not missing.
    const left = log.at(-1);
    const own = left?.type === 'ParticipantLeft' && left.nickname.startsWith(`${this.#options.userName} `);
    const removals = isLast ? removalsIn(await this.#client.contacts.transcriptAs(chatId, 'xml')) : undefined;
    answered(
      log.map((entry) => ({ ...entry, isRemoval: removals?.get(entry.index) })),
      own ? left.index : undefined,
    );
    report(...history.check(chatId).map(sentenceOf));
  }

  #notified({ chatUri, messages }: MessageLogUpdated): void {
    const chatId = chatUri.slice(chatUri.lastIndexOf('/') + 1);
    let stream = this.#told.get(chatId);
    if (!stream) {
      stream = this.#context.history.chat(chatId).stream(this.#options.userName, 'agent');
      // Looked at while the load runs: what was sent a moment ago may still be on its way.
      stream.close();
      this.#told.set(chatId, stream);
    }
    stream.saw(messages.map(entryOfAgent));
  }

  /** After a crash nothing says which offers were missed: the agent looks for themselves. */
  async #catchUp(): Promise<void> {
    const listed = await endOf(this.#client.chats());
    if (this.#isSignedOut(listed)) return;
    if (listed.outcome === 'refused') this.#context.report(`the chats were refused: ${listed.error.message}`);
    // Cut off once more: the session will be renewed once more.
    if (listed.outcome === 'acknowledged') for (const chat of listed.reply) this.#serve(chat);
  }

  #serve(chat: Chat): void {
    const { context, neverAnswers = false } = this.#options;
    if (neverAnswers || context.isOver() || this.#serving.has(chat.id)) return;
    const loop = this.#work(chat).finally(() => this.#serving.delete(chat.id));
    this.#serving.set(chat.id, loop);
  }

  async #work({ id, state }: Chat): Promise<void> {
    const chat: OwnChat = { id, nickname: '', joinedInLife: this.#context.life() };
    if (state === 'Invited' && !(await this.#answer(chat))) return;
    if (state !== 'Invited' && !(await this.#recognise(chat))) return;
    this.#joined.add(id);
    const messages = integerBetween(this.#options.random, 1, mostMessages);
    for (let message = 0; message < messages && !this.#context.isOver(); message += 1) {
      const sent = await this.#say(chat, {
        type: 'Text',
        nickname: chat.nickname,
        text: `${chat.nickname} says ${(this.#count += 1)}`,
      });
      if (sent.outcome === 'refused') break;
      if (sent.outcome === 'acknowledged' && chat.joinedInLife < this.#context.life()) this.carriedOn += 1;
      await this.#pause();
    }
    if (!this.#context.isOver()) await this.#complete(chat);
  }

  /** Answers an offer; true when the agent is in the chat then. */
  async #answer(chat: OwnChat): Promise<boolean> {
    const chance = this.#options.random();
    if (chance < 0.05) return false;
    if (chance < 0.15) return this.#reject(chat);
    // A new nickname for each try, so that a join that was tried twice can be told from one that happened twice.
    chat.nickname = `${this.#options.userName} ${(this.#count += 1)}`;
    const { id, nickname } = chat;
    this.#mayStillCome(chat);
    const joining = { type: 'ParticipantJoined', nickname } as const;
    const ended = await this.#send(chat, joining, () => this.#client.accept(id, { nickname }));
    if (ended.outcome === 'acknowledged') return true;
    return ended.outcome === 'unknown' && this.#recognise(chat);
  }

  /** What was under way when the last stay ended may be carried out in this one, and stands under its nickname then. */
  #mayStillCome({ id, nickname }: OwnChat): void {
    for (const saying of this.#unanswered.get(id) ?? [])
      this.#context.history.chat(id).attempt({ ...saying, nickname });
  }

  async #reject({ id }: OwnChat): Promise<false> {
    const tally = this.rejections.get(id) ?? { accepted: 0, sent: 0 };
    this.rejections.set(id, tally);
    tally.sent += 1;
    const rejected = this.#expected(await endOf(this.#client.reject(id)));
    if (rejected.outcome === 'acknowledged') tally.accepted += 1;
    return false;
  }

  /** After an answer that was cut off: what became of the chat. True when the agent is in it. */
  async #recognise(chat: OwnChat): Promise<boolean> {
    for (;;) {
      const found = this.#expected(await endOf(this.#client.chat(chat.id)));
      if (this.#options.signal.aborted) return false;
      if (found.outcome === 'unknown') {
        await this.#pause();
        continue;
      }
      if (found.outcome === 'refused') return false;
      const { state, participants } = found.reply;
      const own = participants.find(
        ({ type, nickname }) => type === 'Agent' && nickname.startsWith(`${this.#options.userName} `),
      );
      if (own) chat.nickname = own.nickname;
      if (state === 'Invited') return this.#answer(chat);
      return state === 'Chatting' && own !== undefined;
    }
  }

  /** Ends the agent's part, again and again until that is certain. */
  async #complete(chat: OwnChat): Promise<void> {
    const leaving = { type: 'ParticipantLeft', nickname: chat.nickname } as const;
    for (;;) {
      const ended = await this.#send(chat, leaving, () => this.#client.complete(chat.id));
      if (ended.outcome === 'acknowledged' || this.#context.isOver()) return;
      if (ended.outcome === 'refused' && !isForNow(ended)) return;
      await this.#pause();
    }
  }

  #say(chat: OwnChat, saying: Saying & { readonly text: string }): Promise<Ended<void>> {
    return this.#send(chat, saying, () => this.#client.sendMessage(chat.id, saying.text));
  }

  async #send(chat: OwnChat, saying: Saying, send: () => Promise<void>): Promise<Ended<void>> {
    const attempt = this.#context.history.chat(chat.id).attempt(saying);
    const ended = this.#expected(await endOf(send()));
    attempt.end(ended.outcome);
    if (ended.outcome === 'unknown' && saying.type !== 'ParticipantJoined')
      this.#unanswered.set(chat.id, [...(this.#unanswered.get(chat.id) ?? []), saying]);
    return ended;
  }

  /** The login session is over, and the agent may begin another: does so. */
  #isSignedOut(ended: Ended<unknown>): boolean {
    const isOver = ended.outcome === 'refused' && this.#options.comesBack === true && isDenied(ended.error);
    if (isOver) void this.#signInAnew();
    return isOver;
  }

  /** Reports a refusal that nothing in this run explains. */
  #expected<Reply>(ended: Ended<Reply>): Ended<Reply> {
    if (this.#isSignedOut(ended)) return ended;
    if (ended.outcome === 'refused' && !isForNow(ended) && !movedOn.includes(ended.error.statusCode))
      this.#context.report(`${this.#options.userName} was refused: ${ended.error.message}`);
    return ended;
  }

  #pause(): Promise<void> {
    return this.#context.pause(this.#options.random() * longestPauseMs);
  }
}

/** The server has too much to do, or no room on its disk: nothing was done, and may be later. */
function isForNow(ended: Ended<unknown>): boolean {
  return ended.outcome === 'refused' && ended.error.httpStatus === 503;
}

function isAtWork(channels: readonly MediaChannel[]): boolean {
  return channels.every(({ userState }) => userState.state === 'Ready');
}
