import { ParleyError } from '@parley/client/parley-error.ts';
import type { LogEntry } from '../history/chat-history.ts';
import type { ChatRecord, StreamRecord } from '../history/chat-record.ts';
import { Connections } from '../wire/connections.ts';
import type { Arrivals } from './arrivals.ts';
import { attempted, type Attempted } from './attempted.ts';
import { cometdPath, CometdLine } from './cometd-line.ts';
import type { CustomerLine } from './customer-line.ts';
import { PollingLine } from './polling-line.ts';
import type { RunContext } from './run-context.ts';
import { exponential } from './seeded-random.ts';

/** Before a chat is asked for again that was refused or cut off. */
const againAfterMs = 500;

const lastPatienceMs = 3_000;

/** How often the end of a chat is read again when the connection is gone. */
const mostReadings = 20;

/** Begins the nickname of every customer, and of nobody else. */
export const customerPrefix = 'customer-';

const words = 'and some words more, as many as people write in a chat when they ask for something.';

/** A customer who has chat after chat: asks, is answered, thinks, asks; and remembers everything. */
export class LoadCustomer {
  readonly #context: RunContext;
  readonly #arrivals: Arrivals | undefined;
  readonly #name: string;
  readonly connections: Connections;
  #chats = 0;

  /** With `arrivals` messages are sent when one falls due, else after the answer to the last. */
  constructor(
    context: RunContext,
    options: { readonly number: number; readonly arrivals?: Arrivals | undefined },
  ) {
    const { requestTimeoutMs, push } = context.options;
    this.#context = context;
    this.#arrivals = options.arrivals;
    this.#name = `${customerPrefix}${options.number}`;
    const socketPaths = push === 'websocket' ? [cometdPath] : [];
    this.connections = new Connections({ maxSockets: 4, requestTimeoutMs, socketPaths });
  }

  /** Goes on until the run is over. */
  async run(): Promise<void> {
    const { isOver, pause } = this.#context;
    while (!isOver()) if (!(await this.#chat())) await pause(againAfterMs);
    this.connections.cut();
  }

  /** One chat; false when there was none. */
  async #chat(): Promise<boolean> {
    const { meter, ledger, now, options } = this.#context;
    const nickname = `${this.#name}-${(this.#chats += 1)}`;
    const askedAtMs = now();
    const talk = new Talk(this.#context, nickname);
    const line = talk.over(this.connections, options.customerMode);
    const opened = await attempted(line.open(nickname));
    if (opened.outcome !== 'acknowledged') {
      line.close();
      meter.failed(`request for a chat: ${opened.kind}`);
      return false;
    }
    talk.begin(opened.reply);
    if (await talk.answered(() => talk.agentIsThere)) {
      meter.add('waited', now() - askedAtMs);
      const said = await this.#write(talk, line);
      // Whoever leaves at once would not hear the last answers.
      await talk.answered(
        () => talk.answers >= said || talk.isOver,
        Math.min(lastPatienceMs, options.requestTimeoutMs),
      );
    }
    await this.#end(talk, line);
    ledger.customerOut(opened.reply);
    return true;
  }

  /** Returns how many messages were accepted. */
  async #write(talk: Talk, line: CustomerLine): Promise<number> {
    const { options, isOver, now, pause, random } = this.#context;
    let said = 0;
    for (let message = 1; message <= options.messagesPerChat && !talk.isOver; message += 1) {
      if (!this.#arrivals) await pause(exponential(random, options.thinkMs));
      const dueAtMs = this.#arrivals ? await this.#arrivals.take() : now();
      if (dueAtMs === undefined || isOver()) break;
      const text = `${talk.nickname}-${message} ${words}`;
      const sent = await talk.say(text, dueAtMs, () => line.send(text));
      if (sent.outcome === 'refused' && !mayTryAgain(sent.error)) break;
      if (sent.outcome === 'refused') await pause(againAfterMs);
      if (sent.outcome === 'acknowledged') said += 1;
      if (!this.#arrivals)
        await talk.answered(() => talk.answers >= said || talk.isOver, options.requestTimeoutMs);
    }
    return said;
  }

  /** Leaves until that is certain, reads everything once more, and hangs up. */
  async #end(talk: Talk, line: CustomerLine): Promise<void> {
    const { meter, isGivenUp, pause, options } = this.#context;
    const insist = async <Reply>(
      what: string,
      ask: () => Promise<Reply>,
    ): Promise<Attempted<Reply> | undefined> => {
      for (let time = 0; time < mostReadings && !isGivenUp(); time += 1) {
        const ended = await attempted(ask());
        if (ended.outcome === 'acknowledged') return ended;
        meter.failed(`${what}: ${ended.kind}`);
        if (ended.outcome === 'refused' && what === 'leave') return ended;
        await pause(againAfterMs);
      }
      return undefined;
    };
    await insist('leave', () => line.leave());
    const answered = talk.record.ask(talk.nickname, 'customer');
    const read = await insist('read', () => line.readAll());
    if (read?.outcome === 'acknowledged') {
      answered(read.reply);
      const last = read.reply.at(-1)?.index ?? 0;
      const isComplete = await talk.answered(() => talk.highest >= last, options.requestTimeoutMs);
      // Whoever goes while the connection is being made anew has not listened to the end.
      if (!isComplete && !line.isConnected) talk.hangUp();
    }
    line.close();
  }
}

/** Too much for now (gms-customer-api §5), or a push session that is gone; else the chat is over. */
function mayTryAgain(error: Error): boolean {
  return !(error instanceof ParleyError) || error.statusCode === 1;
}

/** What one customer knows of one chat. */
class Talk {
  readonly nickname: string;
  readonly #context: RunContext;
  readonly #early: LogEntry[] = [];
  #record: ChatRecord | undefined;
  #stream: StreamRecord | undefined;
  #wake = (): void => {};
  answers = 0;
  highest = 0;
  agentIsThere = false;
  isOver = false;

  constructor(context: RunContext, nickname: string) {
    this.#context = context;
    this.nickname = nickname;
  }

  get record(): ChatRecord {
    if (!this.#record) throw new Error('the chat has not begun');
    return this.#record;
  }

  over(connections: Connections, mode: RunContext['options']['customerMode']): CustomerLine {
    const Line = mode === 'polling' ? PollingLine : CometdLine;
    return new Line(this.#context, connections, {
      entries: (entries) => this.#received(entries),
      restarted: (fromIndex) => this.#restarted(fromIndex),
      failed: (kind) => this.#context.meter.failed(kind),
    });
  }

  begin(chatId: string): void {
    const { ledger } = this.#context;
    ledger.customerIn(chatId);
    this.#record = ledger.record(chatId);
    this.#restarted(1);
    this.#received(this.#early.splice(0));
  }

  async say(text: string, dueAtMs: number, send: () => Promise<void>): Promise<Attempted<void>> {
    const { ledger, meter, now } = this.#context;
    const attempt = this.record.attempt({ type: 'Text', nickname: this.nickname, text });
    ledger.sent(text, 'toAgent', dueAtMs);
    const sent = await attempted(send());
    attempt.end(sent.outcome);
    if (sent.outcome === 'acknowledged') meter.add('accepted', now() - dueAtMs);
    else meter.failed(`send: ${sent.kind}`);
    return sent;
  }

  /** Waits until something is so; false when that takes too long, or the run is given up. */
  async answered(isSo: () => boolean, patienceMs = Infinity): Promise<boolean> {
    const { now, isGivenUp, isOver } = this.#context;
    const untilMs = now() + patienceMs;
    while (!isSo()) {
      if (isGivenUp() || now() > untilMs || (isOver() && patienceMs === Infinity)) return false;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 250);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return true;
  }

  hangUp(): void {
    this.#stream?.close();
  }

  #restarted(fromIndex: number): void {
    this.#stream?.close();
    this.#stream = this.#record?.stream(this.nickname, 'customer', fromIndex);
  }

  #received(entries: readonly LogEntry[]): void {
    if (!this.#stream) return void this.#early.push(...entries);
    this.#stream.saw(entries);
    for (const { type, nickname, index } of entries) {
      if (index <= this.highest) continue;
      this.highest = index;
      const isOwn = nickname === this.nickname;
      if (type === 'Text' && !isOwn) this.answers += 1;
      if (type === 'ParticipantJoined' && !isOwn) this.agentIsThere = true;
      if (type === 'ParticipantLeft' && isOwn) this.isOver = true;
    }
    this.#context.ledger.arrived('toCustomer', entries);
    this.#wake();
  }
}
