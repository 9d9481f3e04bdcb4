import type { CustomerReply } from '@parley/contract/gms/replies.ts';

interface Message {
  readonly channel: string;
  readonly successful?: boolean;
  readonly clientId?: string;
  readonly ext?: { readonly ack?: boolean | number };
  readonly data?: CustomerReply;
}

const channel = '/service/chatV2/customer-support';
const connect = { channel: '/meta/connect', connectionType: 'long-polling' };
const atOnce = { advice: { timeout: 0 } };

/** What a connect has brought, and the number of its batch. */
export interface Batch {
  readonly pushes: readonly CustomerReply[];
  /** Of the whole answer. */
  readonly bytes: number;
  readonly number: number;
}

/** A customer's tab over long-polling whose acknowledgements a test gives by hand. */
export class RawTab {
  readonly #url: string;
  readonly #key: { readonly chatId: string; readonly secureKey: string };
  readonly #isAcknowledging: boolean;
  #cookie = '';
  #clientId = '';

  constructor(
    baseUrl: string,
    key: { readonly chatId: string; readonly secureKey: string },
    { acknowledges = true }: { readonly acknowledges?: boolean } = {},
  ) {
    this.#url = `${baseUrl}/genesys/cometd`;
    this.#key = key;
    this.#isAcknowledging = acknowledges;
  }

  /** Begins a push session, a new one each time. */
  async begin(): Promise<void> {
    this.#clientId = '';
    const ext = { ack: this.#isAcknowledging };
    const handshake = {
      channel: '/meta/handshake',
      version: '1.0',
      supportedConnectionTypes: ['long-polling'],
    };
    const { messages } = await this.#send({ ...handshake, ext });
    this.#clientId = messages[0]?.clientId ?? '';
    await this.#send({ channel: '/meta/subscribe', subscription: channel });
    await this.#send({ ...connect, ...atOnce, ext: { ack: 0 } });
  }

  /** Publishes an operation. What the answer brings besides comes without acknowledgement only. */
  async publish(operation: string, fields: object = {}): Promise<Batch> {
    return this.#batch(await this.#send({ channel, data: { operation, ...this.#key, ...fields } }));
  }

  /** What there is now, or if it `waits` what comes. Null when the push session is over. */
  async poll(acknowledged = 0, { waits = false } = {}): Promise<Batch | null> {
    const answer = await this.#send({ ...connect, ...(waits ? {} : atOnce), ext: { ack: acknowledged } });
    const isOver = answer.messages.some(
      ({ channel: name, successful }) => name === connect.channel && !successful,
    );
    return isOver ? null : this.#batch(answer);
  }

  #batch({ messages, bytes }: { readonly messages: readonly Message[]; readonly bytes: number }): Batch {
    const number = Number(messages.find(({ channel: name }) => name === connect.channel)?.ext?.ack ?? 0);
    return { pushes: messages.flatMap(({ data }) => data ?? []), bytes, number };
  }

  async #send(message: object): Promise<{ readonly messages: readonly Message[]; readonly bytes: number }> {
    const clientId = this.#clientId === '' ? {} : { clientId: this.#clientId };
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: this.#cookie },
      body: JSON.stringify([{ ...message, ...clientId }]),
    });
    this.#cookie ||= response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
    const text = await response.text();
    return { messages: JSON.parse(text) as Message[], bytes: Buffer.byteLength(text) };
  }
}
