import { verifyWebhook } from '@parley/client/webhook.ts';
import type { WebhookMessage } from '@parley/contract/webhooks.ts';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { vi } from 'vitest';

export const hookSecret = `whsec_${Buffer.from('a secret for the tests of webhooks').toString('base64')}`;

/** One POST that came in and whose signature was right. */
export interface Call {
  readonly id: string;
  readonly message: WebhookMessage;
  readonly body: string;
  readonly path: string;
}

/** What to answer: a status, or anything else by hand. */
export type Answering = (call: Call) => number | ((response: ServerResponse) => void);

/** Somebody who is told of chats: verifies every call with the SDK and keeps it. */
export class WebhookReceiver {
  readonly calls: Call[] = [];
  /** Calls that did not verify. */
  readonly refused: unknown[] = [];
  answering: Answering = () => 204;
  readonly #now: () => number;
  readonly #server = createServer((request, response) => void this.#take(request, response));

  /** `now`: the time of the server that signs. */
  private constructor(now: () => number) {
    this.#now = now;
  }

  static async start(now: () => number = Date.now): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver(now);
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  /** Waits until so many calls have come in all. */
  async came(count: number): Promise<readonly Call[]> {
    await vi.waitFor(
      () => {
        if (this.calls.length < count) throw new Error(`${this.calls.length} of ${count} calls have come`);
      },
      { timeout: 10_000, interval: 5 },
    );
    return this.calls;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    try {
      const options = { secrets: [hookSecret], nowMs: this.#now() };
      const verified = await verifyWebhook({ headers: request.headers, body }, options);
      const call = { ...verified, body, path: request.url ?? '' };
      this.calls.push(call);
      const answer = this.answering(call);
      if (typeof answer === 'number') response.writeHead(answer).end();
      else answer(response);
    } catch (error) {
      this.refused.push(error);
      response.writeHead(400).end();
    }
  }
}
