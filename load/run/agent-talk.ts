import type { AgentClient } from '@parley/client/agent-client.ts';
import { ParleyError } from '@parley/client/parley-error.ts';
import type { Chat } from '@parley/contract/gws/chat.ts';
import { entryOfAgent, type LogEntry } from '../history/chat-history.ts';
import type { ChatRecord, StreamRecord } from '../history/chat-record.ts';
import { attempted, isDenied, type Attempted } from './attempted.ts';
import { customerPrefix } from './load-customer.ts';
import type { RunContext } from './run-context.ts';

/** A chat that nobody of this run has opened: its customer was cut off while asking. */
const orphanAfterMs = 5_000;
const againAfterMs = 300;

export interface AgentTalkOptions {
  /** The agent's client as it is now: another one after a new sign-in. */
  readonly client: () => AgentClient;
  /** The server does not know the agent any more. */
  readonly onSignedOut: () => void;
  readonly chatId: string;
  readonly userName: string;
  /** The agent has nothing more to do with the chat. */
  readonly onOver: () => void;
}

/** One chat of one agent: takes it, answers every message once, completes it when the customer has left. */
export class AgentTalk {
  readonly #context: RunContext;
  readonly #options: AgentTalkOptions;
  readonly #record: ChatRecord;
  /** Customers' messages that were answered, or are being. */
  readonly #answered = new Set<string>();
  #stream: StreamRecord | undefined;
  #nickname: string;
  /** What the agent says and does, one after the other. */
  #work: Promise<void> = Promise.resolve();
  #isEnding = false;
  #isOver = false;

  constructor(context: RunContext, options: AgentTalkOptions) {
    this.#context = context;
    this.#options = options;
    this.#record = context.ledger.record(options.chatId);
    this.#nickname = options.userName;
    context.ledger.agentIn(options.chatId);
  }

  /** `state` is how the chat stood when the agent heard of it. */
  begin(state: Chat['state']): void {
    this.#then(async () => {
      if (state === 'Invited') await this.#accept();
      // Joined by an earlier life of this agent: the log says what is left to do.
      else await this.#readAll();
    });
    void this.#leaveOrphan();
  }

  told(entries: readonly LogEntry[]): void {
    if (this.#isOver) return;
    this.#stream ??= this.#record.stream(this.#options.userName, 'agent');
    this.#stream.saw(entries);
    this.#look(entries);
  }

  /** The push session is another one. */
  restarted(): void {
    this.#stream?.close();
    this.#stream = undefined;
  }

  /** Reads what was missed between two push sessions. */
  catchUp(): Promise<void> {
    this.#then(() => this.#readAll());
    return this.#work;
  }

  /** The agent knows nothing of the chat any more. */
  hangUp(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stream?.close();
    this.#context.ledger.agentOut(this.#options.chatId);
  }

  #then(step: () => Promise<void>): void {
    this.#work = this.#work.then(() => (this.#isOver ? undefined : step()));
  }

  #look(entries: readonly LogEntry[]): void {
    const own = new Set(
      entries.filter(({ type }) => type === 'Text').map(({ text = '' }) => answeredIn(text)),
    );
    for (const text of own) if (text !== undefined) this.#answered.add(text);
    for (const { type, nickname, text = '' } of entries) {
      if (!nickname.startsWith(customerPrefix)) continue;
      if (type === 'ParticipantLeft') this.#end();
      if (type === 'Text' && !this.#answered.has(keyIn(text))) this.#answer(text);
    }
    this.#context.ledger.arrived('toAgent', entries);
  }

  async #accept(): Promise<void> {
    const { client, chatId } = this.#options;
    const accepted = await this.#insist('accept', () =>
      client().accept(chatId, { nickname: this.#nickname }),
    );
    // Refused, it may have been taken back, or taken by a request that was cut off.
    if (!accepted && !(await this.#isJoined())) return this.#over();
    if (!accepted) return this.#readAll();
    // Another session may have begun meanwhile, and another talk of this chat with it.
    if (this.#isOver) return;
    // From the beginning, whether anything is told or not.
    this.#stream ??= this.#record.stream(this.#options.userName, 'agent');
  }

  async #isJoined(): Promise<boolean> {
    const { client, chatId } = this.#options;
    let state: Chat['state'] | undefined;
    await this.#insist('chat', async () => {
      ({ state } = await client().chat(chatId));
    });
    return state === 'Chatting';
  }

  async #readAll(): Promise<void> {
    const { client, chatId, userName } = this.#options;
    await this.#insist('read', async () => {
      const answered = this.#record.ask(userName, 'agent');
      const entries = (await client().messages(chatId)).map(entryOfAgent);
      // Whoever was taken for gone sees nothing behind their own leaving.
      const last = entries.at(-1);
      const hasLeft = last?.type === 'ParticipantLeft' && last.nickname === this.#nickname;
      answered(entries, hasLeft ? last.index : undefined);
      this.#look(entries);
    });
  }

  #answer(asked: string): void {
    const key = keyIn(asked);
    this.#answered.add(key);
    const dueAtMs = this.#context.now();
    this.#then(async () => {
      const { ledger } = this.#context;
      const { client, chatId } = this.#options;
      const text = `${answerTo(key)} by ${this.#options.userName}, as far as I can tell from here today.`;
      const attempt = this.#record.attempt({ type: 'Text', nickname: this.#nickname, text });
      ledger.sent(text, 'toCustomer', dueAtMs);
      const sent = await attempted(client().sendMessage(chatId, text));
      attempt.end(sent.outcome);
      if (sent.outcome !== 'acknowledged') this.#failed('answer', sent);
    });
  }

  /** The customer has left: reads the whole log once more and completes. */
  #end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#then(async () => {
      const { client, chatId } = this.#options;
      await this.#readAll();
      await this.#insist('complete', () => client().complete(chatId));
      this.#over();
    });
  }

  async #leaveOrphan(): Promise<void> {
    const { ledger, pause } = this.#context;
    await pause(orphanAfterMs);
    if (!this.#isOver && !ledger.isOurs(this.#options.chatId)) this.#end();
  }

  #over(): void {
    this.hangUp();
    this.#options.onOver();
  }

  /** Until it works; false when it was refused or nobody waits for it any more. */
  async #insist(what: string, ask: () => Promise<void>): Promise<boolean> {
    const { pause, isGivenUp } = this.#context;
    while (!this.#isOver && !isGivenUp()) {
      const ended = await attempted(ask());
      if (ended.outcome === 'acknowledged') return true;
      const mayTryAgain = this.#failed(what, ended);
      if (ended.outcome === 'refused' && !mayTryAgain) return false;
      await pause(againAfterMs);
    }
    return false;
  }

  /** True when the same may be tried again: the agent has to sign in first, or asked too often. */
  #failed(what: string, ended: Exclude<Attempted<void>, { readonly outcome: 'acknowledged' }>): boolean {
    this.#context.meter.failed(`${what}: ${ended.kind}`);
    if (ended.outcome !== 'refused' || !(ended.error instanceof ParleyError)) return false;
    if (!isDenied(ended.error)) return [429, 503].includes(ended.error.httpStatus);
    this.#options.onSignedOut();
    return true;
  }
}

/** `customer-1-2-3 and some words`: the part that is unique. */
function keyIn(text: string): string {
  return text.split(' ', 1)[0] ?? '';
}

function answerTo(key: string): string {
  return `about ${key}:`;
}

/** Which message of a customer the text answers. */
function answeredIn(text: string): string | undefined {
  return /^about (\S+):/.exec(text)?.[1];
}
