import { CustomerClient } from '@parley/client/customer-client.ts';
import { entryOfCustomer, type Saying } from '@parley/load/history/chat-history.ts';
import { sentenceOf } from '@parley/load/history/history-book.ts';
import { integerBetween } from '@parley/server/routing/seeded-random.ts';
import type { CrashContext, Part } from './crash-context.ts';
import { gateUrl } from './gate.ts';
import { endOf, type Ended } from './outcome.ts';

/** A pause between two requests of one customer, at most. */
const longestPauseMs = 15;

/** Steps of a customer in one chat, at most, before they leave. */
const mostSteps = 60;

/** ChatEnded on the customer API (gms-customer-api §5). */
const chatEndedCode = 113;

/** `statusCode` of a refusal for now, nothing having been done (gms-customer-api §5). */
const tryAgain = 1;

interface OpenChat {
  readonly client: CustomerClient;
  readonly nickname: string;
  readonly openedInLife: number;
  /** The customer's leaving was acknowledged. */
  hasLeft: boolean;
}

/** A customer who has chat after chat, says something new each time, and remembers what was acknowledged. */
export class CrashCustomer {
  readonly #context: CrashContext;
  readonly #random: Part['random'];
  readonly #name: string;
  readonly #chats: OpenChat[] = [];
  #said = 0;
  /** Messages acknowledged in chats that were opened before the last kill. */
  carriedOn = 0;

  constructor(name: string, { context, random }: Part) {
    this.#name = name;
    this.#context = context;
    this.#random = random;
  }

  /** Goes on until the run is over. */
  async run(): Promise<void> {
    while (!this.#context.isOver()) await this.#chat();
  }

  /** The chat that the customer is in, or was in last. */
  get current(): string | undefined {
    return this.#chats.at(-1)?.client.chatId;
  }

  /** Reads the whole transcript of every chat, or of the current one only, and checks it. */
  async verify(which: 'all' | 'current'): Promise<void> {
    for (const chat of which === 'all' ? this.#chats : this.#chats.slice(-1)) await this.#verify(chat);
  }

  async #chat(): Promise<void> {
    const context = this.#context;
    const nickname = `${this.#name}-${this.#chats.length}-${(this.#said += 1)}`;
    const { gate, scheduler } = context;
    const client = new CustomerClient({
      baseUrl: gateUrl,
      service: 'support',
      fetch: gate.fetch,
      // Each attempt is a line of the record.
      retry: { deadlineMs: 0 },
      ...(scheduler ? { scheduler } : {}),
    });
    const requested = await endOf(client.requestChat({ nickname }));
    // A request that was cut off may have opened a chat that only agents see.
    if (requested.outcome === 'unknown') return;
    // A machine that is busy with other things makes the server take less, and a full disk nothing.
    if (requested.outcome === 'refused' && requested.error.statusCode === tryAgain)
      return context.pause(longestPauseMs);
    if (requested.outcome === 'refused') return context.report(`a new chat was refused: ${requested.error}`);
    const record = context.history.chat(client.chatId);
    record.stream(nickname, 'customer').saw(requested.reply.messages.map(entryOfCustomer));
    record.streams.at(-1)?.close();
    const chat = { client, nickname, openedInLife: context.life(), hasLeft: false };
    this.#chats.push(chat);
    const steps = integerBetween(this.#random, 1, mostSteps);
    for (let step = 0; step < steps && !context.isOver(); step += 1) {
      if (!(await this.#step(chat))) return;
      await context.pause(this.#random() * longestPauseMs);
    }
    if (!context.isOver() && this.#random() < 0.6) await this.#leave(chat);
  }

  /**
   * Leaves, again and again while that is refused for now: the server tells of the leaving of somebody who has gone
   * without a word as of one that was asked for. Leaving a chat that an agent has just ended is acknowledged as well:
   * certain is only that the chat is over.
   */
  async #leave(chat: OpenChat): Promise<void> {
    const { client, nickname } = chat;
    const { history, isOver, pause } = this.#context;
    for (;;) {
      const attempt = history.chat(client.chatId).attempt({ type: 'ParticipantLeft', nickname });
      const left = await endOf(client.disconnect());
      attempt.end(left.outcome === 'refused' ? 'refused' : 'unknown');
      chat.hasLeft = left.outcome === 'acknowledged';
      this.#goesOn(left);
      if (left.outcome !== 'refused' || left.error.statusCode !== tryAgain || isOver()) return;
      await pause(longestPauseMs);
    }
  }

  /** One request; false when the chat is over. */
  async #step(chat: OpenChat): Promise<boolean> {
    const { client, nickname } = chat;
    const chance = this.#random();
    if (chance < 0.15) {
      const record = this.#context.history.chat(client.chatId);
      const answered = record.ask(nickname, 'customer', client.nextPosition);
      const refreshed = await endOf(client.refresh());
      if (refreshed.outcome === 'acknowledged') answered(refreshed.reply.messages.map(entryOfCustomer));
      return this.#goesOn(refreshed);
    }
    const text = `${nickname} says ${(this.#said += 1)}`;
    if (chance < 0.3)
      return this.#say(chat, { type: 'TypingStarted', nickname, text }, () => client.startTyping(text));
    return this.#say(chat, { type: 'Text', nickname, text }, () => client.send(text));
  }

  async #say(chat: OpenChat, saying: Saying, send: () => Promise<{ chatEnded: boolean }>): Promise<boolean> {
    const { history, life } = this.#context;
    const attempt = history.chat(chat.client.chatId).attempt(saying);
    const ended = await endOf(send());
    attempt.end(ended.outcome);
    if (ended.outcome === 'acknowledged' && chat.openedInLife < life()) this.carriedOn += 1;
    return this.#goesOn(ended);
  }

  /** Refusals that may come: an agent has completed the chat, or the server has too much to do. */
  #goesOn(ended: Ended<{ readonly chatEnded: boolean }>): boolean {
    if (ended.outcome === 'unknown') return true;
    if (ended.outcome === 'acknowledged') return !ended.reply.chatEnded;
    if (ended.error.statusCode === tryAgain) return true;
    if (!ended.error.errorCodes.includes(chatEndedCode))
      this.#context.report(`${this.#name} was refused: ${ended.error.message}`);
    return false;
  }

  async #verify({ client, nickname, hasLeft }: OpenChat): Promise<void> {
    const { history, report } = this.#context;
    const answered = history.chat(client.chatId).ask(nickname, 'customer');
    const read = await endOf(client.refresh(1));
    if (read.outcome !== 'acknowledged')
      return report(`${client.chatId} cannot be read: ${JSON.stringify(read)}`);
    answered(read.reply.messages.map(entryOfCustomer));
    report(...history.check(client.chatId).map(sentenceOf));
    if (hasLeft && !read.reply.chatEnded) report(`${client.chatId} goes on after the customer has left`);
  }
}
