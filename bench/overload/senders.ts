import { messageField } from '../chat/orders.ts';
import { nowUs } from '../push/orders.ts';
import type { MessageBook } from './book.ts';
import { LooseHttp } from './loose-http.ts';

/** The customers of one chat write over as many connections as they have messages under way. */
export type ChatForm = { path: string; form: string };

/** A customer who was refused or cut off says the next thing after so long. */
const pauseMs = 100;

/** Connections over which customers write, each with one message under way. */
export class Senders {
  readonly #chats: readonly ChatForm[];
  readonly #book: MessageBook;
  readonly #all: LooseHttp[];
  readonly #free: LooseHttp[];
  readonly #onFree: (() => void)[] = [];
  #turn = 0;
  sent = 0;

  constructor(
    port: number,
    { chats, book, count }: { chats: readonly ChatForm[]; book: MessageBook; count: number },
  ) {
    this.#chats = chats;
    this.#book = book;
    this.#all = Array.from({ length: count }, () => new LooseHttp(port));
    this.#free = [...this.#all];
  }

  /** Messages under way. */
  get underWay(): number {
    return this.#all.length - this.#free.length;
  }

  /** Says something that was due then; false when every connection has a message under way. */
  say(dueAtUs: number): boolean {
    const sender = this.#free.pop();
    const chat = this.#chats[(this.#turn += 1) % this.#chats.length];
    if (!sender || !chat) return false;
    const n = this.#book.next();
    this.sent += 1;
    const body = chat.form + messageField(dueAtUs, n);
    const bytes =
      `POST ${chat.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}`;
    sender.ask(bytes, (answer) => {
      const isAccepted = answer?.status === 200 && answer.body.startsWith('{"statusCode":0,');
      if (isAccepted) this.#book.accepted(n, dueAtUs);
      else if (answer) this.#book.refusal(/^retry-after: *\d/im.test(answer.head));
      else this.#book.broken += 1;
      if (isAccepted) this.#release(sender);
      else setTimeout(() => this.#release(sender), pauseMs);
    });
    return true;
  }

  /** Says as much as is answered, with so many messages under way, until `untilMs`. */
  async closedLoop(atOnce: number, untilMs: number): Promise<void> {
    const work = async (): Promise<void> => {
      while (performance.now() < untilMs) {
        this.say(nowUs());
        await new Promise<void>((resolve) => this.#onFree.push(resolve));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }

  #release(sender: LooseHttp): void {
    this.#free.push(sender);
    this.#onFree.shift()?.();
  }

  close(): void {
    for (const sender of this.#all) sender.close();
  }
}
