import { CustomerClient } from '@parley/client/customer-client.ts';
import type { CustomerReply } from '@parley/contract/gms/replies.ts';
import { entryOfCustomer, type LogEntry } from '../history/chat-history.ts';
import type { Connections } from '../wire/connections.ts';
import { attempted } from './attempted.ts';
import type { CustomerLine, LineEvents } from './customer-line.ts';
import type { RunContext } from './run-context.ts';

/** A customer whose page asks every second or so what is new (gms-customer-api §2). */
export class PollingLine implements CustomerLine {
  readonly #client: CustomerClient;
  readonly #context: RunContext;
  readonly #on: LineEvents;
  #isOpen = true;
  isConnected = true;
  /** Of the page; that of the client moves with every reading. */
  #position = 1;

  constructor(context: RunContext, connections: Connections, on: LineEvents) {
    const { url: baseUrl, service } = context.options;
    this.#client = new CustomerClient({ baseUrl, service, fetch: connections.fetch });
    this.#context = context;
    this.#on = on;
  }

  async open(nickname: string): Promise<string> {
    this.#received(await this.#client.requestChat({ nickname }));
    void this.#poll();
    return this.#client.chatId;
  }

  async send(text: string): Promise<void> {
    await this.#client.send(text);
  }

  async leave(): Promise<void> {
    await this.#client.disconnect();
  }

  async readAll(): Promise<readonly LogEntry[]> {
    return (await this.#client.refresh(1)).messages.map(entryOfCustomer);
  }

  close(): void {
    this.#isOpen = false;
  }

  #received({ messages, nextPosition }: CustomerReply): void {
    this.#position = nextPosition ?? this.#position;
    this.#on.entries(messages.map(entryOfCustomer));
  }

  async #poll(): Promise<void> {
    const { pause, options } = this.#context;
    // Everybody asks at another moment.
    await pause(this.#context.random() * options.pollMs);
    while (this.#isOpen) {
      const asked = await attempted(this.#client.refresh(this.#position));
      if (!this.#isOpen) return;
      this.isConnected = asked.outcome === 'acknowledged';
      if (asked.outcome === 'acknowledged') this.#received(asked.reply);
      else this.#on.failed(`poll: ${asked.kind}`);
      if (this.#client.chatEnded) return;
      await pause(options.pollMs);
    }
  }
}
