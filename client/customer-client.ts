import type { CustomerEvent, CustomerFailure, CustomerReply } from '@parley/contract/gms/replies.ts';
import { systemFetch, type Fetch } from './fetch.ts';
import { ParleyError } from './parley-error.ts';
import { systemScheduler, type Scheduler } from './scheduler.ts';

/** Who asks for a chat, and about what (gms-customer-api §2, row 1): a nickname, or a first and a last name. */
export interface ChatRequest {
  readonly nickname?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly subject?: string;
  readonly emailAddress?: string;
  readonly userData?: Readonly<Record<string, string>>;
  /** A first message. */
  readonly text?: string;
}

export interface CustomerClientOptions {
  /** Where the server is, without `/genesys`. */
  readonly baseUrl: string;
  /** The customer-facing service: the segment of the URL that selects queue and settings. */
  readonly service: string;
  readonly fetch?: Fetch;
  readonly scheduler?: Scheduler;
}

export interface PollOptions {
  /** Pause between two refreshes. */
  readonly everyMs: number;
  /** The index to begin with. Default 1, the beginning of the chat. */
  readonly from?: number;
  /** How many refreshes in a row may fail for now (no reply, or `statusCode` 1) before the loop throws. Default 5. */
  readonly maxFailures?: number;
  readonly signal?: AbortSignal;
}

/** What names the chat and proves the customer's right to it. */
type Credentials = Pick<CustomerReply, 'chatId' | 'userId' | 'secureKey' | 'alias'>;

type Fields = Readonly<Record<string, string | undefined>>;

/**
 * A customer in one chat, over the polling API (gms-customer-api §2–§5), with form bodies as the widgets send them.
 * A reply with `statusCode` 1 or 2, or with another HTTP status than 2xx, rejects with `ParleyError`.
 */
export class CustomerClient {
  readonly #url: string;
  readonly #fetch: Fetch;
  readonly #scheduler: Scheduler;
  #chat: Credentials | undefined;
  #nextPosition = 1;
  #ended = false;

  constructor(options: CustomerClientOptions) {
    const { baseUrl, service } = options;
    this.#url = `${baseUrl.replace(/\/+$/, '')}/genesys/2/chat/${encodeURIComponent(service)}`;
    this.#fetch = options.fetch ?? systemFetch;
    this.#scheduler = options.scheduler ?? systemScheduler;
  }

  /** The id of the chat; throws before `requestChat` has resolved. */
  get chatId(): string {
    return this.#requested().chatId;
  }

  get userId(): string {
    return this.#requested().userId;
  }

  get secureKey(): string {
    return this.#requested().secureKey;
  }

  get alias(): string {
    return this.#requested().alias;
  }

  /** The index of the first event that no reply to `requestChat` or `refresh` has brought yet. */
  get nextPosition(): number {
    return this.#nextPosition;
  }

  /** Whether a reply has said that the chat is over. */
  get chatEnded(): boolean {
    return this.#ended;
  }

  async requestChat(request: ChatRequest): Promise<CustomerReply> {
    const { userData = {}, ...fields } = request;
    const reply = await this.#post(this.#url, { ...fields, ...bracketed(userData) });
    this.#nextPosition = reply.nextPosition ?? 1;
    return reply;
  }

  send(message: string, options: { readonly messageType?: string } = {}): Promise<CustomerReply> {
    return this.#operate('send', { message, ...options });
  }

  /** The events from `position` on; without it, those that no earlier reply has brought. */
  async refresh(position: number = this.#nextPosition): Promise<CustomerReply> {
    const reply = await this.#operate('refresh', { transcriptPosition: String(position) });
    this.#nextPosition = Math.max(this.#nextPosition, reply.nextPosition ?? 1);
    return reply;
  }

  /** `preview` is what has been typed so far. */
  startTyping(preview?: string): Promise<CustomerReply> {
    return this.#operate('startTyping', { message: preview });
  }

  stopTyping(preview?: string): Promise<CustomerReply> {
    return this.#operate('stopTyping', { message: preview });
  }

  /** Is called otherwise from now on. */
  updateNickname(nickname: string): Promise<CustomerReply> {
    return this.#operate('updateNickname', { nickname });
  }

  /** Shows a page to the agent; http and https only. */
  pushUrl(pushUrl: string): Promise<CustomerReply> {
    return this.#operate('pushUrl', { pushUrl });
  }

  /** Tells the agent's desktop something that it must understand. */
  customNotice(message: string): Promise<CustomerReply> {
    return this.#operate('customNotice', { message });
  }

  /** Adds to the user data of the chat, or changes it. */
  updateData(userData: Readonly<Record<string, string>>): Promise<CustomerReply> {
    return this.#operate('updateData', bracketed(userData));
  }

  /** Everything up to the event with this index has been read. */
  readReceipt(position: number): Promise<CustomerReply> {
    return this.#operate('readReceipt', { transcriptPosition: String(position) });
  }

  /** Leaves the chat, which ends it. */
  disconnect(): Promise<CustomerReply> {
    return this.#operate('disconnect');
  }

  /**
   * Every event of the chat, each once and in order, until the chat has ended or the signal aborts. A refusal that
   * says "do not try again" ends the loop with its `ParleyError`. The position is the loop's own: `refresh` in
   * between, or a second loop, takes nothing away from it.
   */
  async *poll(options: PollOptions): AsyncGenerator<CustomerEvent, void, void> {
    const { everyMs, from = 1, maxFailures = 5, signal } = options;
    let position = from;
    let failures = 0;
    while (!signal?.aborted) {
      try {
        const reply = await this.refresh(position);
        failures = 0;
        for (const event of reply.messages) {
          if (event.index < position) continue;
          position = event.index + 1;
          yield event;
        }
        if (reply.chatEnded) return;
        position = Math.max(position, reply.nextPosition ?? 1);
      } catch (error) {
        if (!mayRetry(error) || ++failures > maxFailures) throw error;
      }
      await this.#pause(everyMs, signal);
    }
  }

  #operate(operation: string, fields: Fields = {}): Promise<CustomerReply> {
    const { chatId, userId, secureKey, alias } = this.#requested();
    return this.#post(`${this.#url}/${encodeURIComponent(chatId)}/${operation}`, {
      userId,
      secureKey,
      alias,
      ...fields,
    });
  }

  #requested(): Credentials {
    if (!this.#chat) throw new Error('no chat has been requested yet');
    return this.#chat;
  }

  async #post(url: string, fields: Fields): Promise<CustomerReply> {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.append(name, value);
    const response = await this.#fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
        accept: 'application/json',
      },
      body: form.toString(),
    });
    const reply = parseReply(await response.text());
    if (reply?.chatEnded) this.#ended = true;
    if (!response.ok || reply?.statusCode !== 0) throw refused(url, response.status, reply);
    const { chatId, userId, secureKey, alias } = reply;
    this.#chat = { chatId, userId, secureKey, alias };
    return reply;
  }

  async #pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        cancel();
        signal?.removeEventListener('abort', go);
        resolve();
      };
      const cancel = this.#scheduler.after(delayMs, go);
      signal?.addEventListener('abort', go);
    });
  }
}

function bracketed(userData: Readonly<Record<string, string>>): Fields {
  return Object.fromEntries(Object.entries(userData).map(([key, value]) => [`userData[${key}]`, value]));
}

/** 1 may be retried (gms-customer-api §5); `fetch` throws a `TypeError` when there was no reply at all. */
function mayRetry(error: unknown): boolean {
  return error instanceof ParleyError ? error.statusCode === 1 : error instanceof TypeError;
}

function refused(
  url: string,
  httpStatus: number,
  reply: CustomerReply | CustomerFailure | undefined,
): ParleyError {
  const errors = reply && reply.statusCode !== 0 ? reply.errors : [];
  const told = errors.map(({ code, advice }) => `${code} ${advice}`).join('; ');
  return new ParleyError(`POST ${new URL(url).pathname}: ${told || `HTTP ${httpStatus}`}`, {
    statusCode: reply?.statusCode ?? -1,
    httpStatus,
    errorCodes: errors.map(({ code }) => code),
  });
}

function parseReply(text: string): CustomerReply | CustomerFailure | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isReply = typeof value === 'object' && value !== null && 'statusCode' in value;
    return isReply ? (value as CustomerReply | CustomerFailure) : undefined;
  } catch {
    return undefined;
  }
}
