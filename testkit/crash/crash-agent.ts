import { AgentClient } from '@parley/client/agent-client.ts';
import type { Chat } from '@parley/contract/gws/chat.ts';
import type { MessageLogUpdated } from '@parley/contract/gws/notifications.ts';
import { entryOfAgent, type LogEntry, type Saying } from '@parley/load/history/chat-history.ts';
import type { StreamRecord } from '@parley/load/history/chat-record.ts';
import { sentenceOf } from '@parley/load/history/history-book.ts';
import { integerBetween } from '@parley/server/routing/seeded-random.ts';
import type { CrashContext, Part } from './crash-context.ts';
import { gateUrl } from './gate.ts';
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
  readonly signal: AbortSignal;
}

interface OwnChat {
  readonly id: string;
  nickname: string;
  joinedInLife: number;
}

/**
 * An agent who signs in once and works through every crash with the same cookie: answers offers, writes, completes,
 * and remembers what was accepted.
 */
export class CrashAgent {
  readonly #client: AgentClient;
  readonly #options: CrashAgentOptions;
  readonly #context: CrashContext;
  /** What this push session is told, by chat. */
  readonly #told = new Map<string, StreamRecord>();
  /** The chats that are being served; each has one loop. */
  readonly #serving = new Map<string, Promise<void>>();
  /** Every chat the agent has ever joined, as far as they know. */
  readonly #joined = new Set<string>();
  #count = 0;
  /** Messages accepted in chats that were joined before the last kill. */
  carriedOn = 0;
  /** By chat: how many rejections were answered, and how many were sent. */
  readonly rejections = new Map<string, { accepted: number; sent: number }>();

  constructor(options: CrashAgentOptions) {
    const { userName, password, signal, context } = options;
    this.#options = options;
    this.#context = context;
    this.#client = new AgentClient({
      baseUrl: gateUrl,
      userName,
      password,
      signal,
      fetch: context.gate.fetch,
      random: options.random,
      ...(context.scheduler ? { scheduler: context.scheduler } : {}),
      // Each attempt is a line of the record.
      retry: { deadlineMs: 0 },
    });
    this.#client.on('chat', (notification) => {
      if (notification.messageType !== 'ChatStateChangeMessage') return;
      const { chat } = notification;
      if (chat.state === 'Invited') this.#serve(chat);
    });
    this.#client.on('messages', (notification) => this.#notified(notification));
    this.#client.on('renewed', () => {
      this.#told.clear();
      void this.#catchUp();
    });
    this.#client.on('connection', (state) => {
      if (state === 'closed' && !signal.aborted) context.report(`${userName} was sent away from push`);
    });
  }

  async begin(): Promise<void> {
    await this.#client.signIn();
    await this.#client.openNotifications();
    await this.#client.startSession(['chat']);
    await this.#client.setState('Ready');
  }

  /** Resolves when the run is over and every loop has ended. */
  async finished(): Promise<void> {
    while (this.#serving.size > 0) await Promise.all(this.#serving.values());
  }

  /** Reads the message log of the chats that are with the agent now, or of all that ever were, and checks them. */
  async verify(which: 'all' | 'current'): Promise<void> {
    const chats = await this.#client.chats();
    const current = chats.filter(({ state }) => state === 'Chatting').map(({ id }) => id);
    for (const chatId of which === 'all' ? this.#joined : current) await this.#verify(chatId);
  }

  async #verify(chatId: string): Promise<void> {
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
    answered(log, own ? left.index : undefined);
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
    const joining = { type: 'ParticipantJoined', nickname } as const;
    const ended = await this.#send(chat, joining, () => this.#client.accept(id, { nickname }));
    if (ended.outcome === 'acknowledged') return true;
    return ended.outcome === 'unknown' && this.#recognise(chat);
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
      if (found.outcome === 'unknown') continue;
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
      if (ended.outcome !== 'unknown' || this.#context.isOver()) return;
    }
  }

  #say(chat: OwnChat, saying: Saying & { readonly text: string }): Promise<Ended<void>> {
    return this.#send(chat, saying, () => this.#client.sendMessage(chat.id, saying.text));
  }

  async #send(chat: OwnChat, saying: Saying, send: () => Promise<void>): Promise<Ended<void>> {
    const attempt = this.#context.history.chat(chat.id).attempt(saying);
    const ended = this.#expected(await endOf(send()));
    attempt.end(ended.outcome);
    return ended;
  }

  /** Reports a refusal that nothing in this run explains. */
  #expected<Reply>(ended: Ended<Reply>): Ended<Reply> {
    const isOverload = ended.outcome === 'refused' && ended.error.httpStatus === 503;
    if (ended.outcome === 'refused' && !isOverload && !movedOn.includes(ended.error.statusCode))
      this.#context.report(`${this.#options.userName} was refused: ${ended.error.message}`);
    return ended;
  }

  #pause(): Promise<void> {
    return this.#context.pause(this.#options.random() * longestPauseMs);
  }
}
