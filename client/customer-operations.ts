import type { CustomerFormName } from '@parley/contract/gms/requests.ts';
import type { CustomerEvent, CustomerFailure, CustomerReply } from '@parley/contract/gms/replies.ts';
import { ParleyError } from './parley-error.ts';
import type { CallOptions } from './retry.ts';

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

/** What names the chat and proves the customer's right to it: what an application keeps to come back to it. */
export type ChatCredentials = Pick<CustomerReply, 'chatId' | 'secureKey'> &
  Partial<Pick<CustomerReply, 'userId' | 'alias'>>;

export interface EventsOptions {
  /** The index to begin with. Default 1, the beginning of the chat. */
  readonly from?: number;
  readonly signal?: AbortSignal;
}

/** The fields of an operation; user data is a map. */
export type OperationFields = Readonly<Record<string, string | Readonly<Record<string, string>> | undefined>>;

/** What there was from this index on is gone, and with it the chat: it was deleted. */
export class HistoryGoneError extends Error {
  readonly position: number;

  constructor(position: number, cause: unknown) {
    super(`the history of the chat from ${position} on is gone`, { cause });
    this.name = 'HistoryGoneError';
    this.position = position;
  }
}

/** NotFound on the customer API (docs/status-codes.md). */
const notFoundCode = 109;

/** The error with which the events of a chat end: HistoryGoneError where they could be read before. */
export function endOfEvents(error: unknown, position: number): unknown {
  const isGone = error instanceof ParleyError && error.errorCodes.includes(notFoundCode);
  return isGone && position > 1 ? new HistoryGoneError(position, error) : error;
}

/**
 * A customer in one chat, whichever way it takes to the server: `CustomerClient` polls, `CustomerPushClient` is told. A
 * refusal (`statusCode` 1 or 2) rejects with `ParleyError`. What is lost on the way is sent again under the same
 * idempotency key, so it is carried out once however often it is sent.
 */
export abstract class CustomerOperations {
  #chat: ChatCredentials | undefined;
  #ended = false;

  /** Carries one operation out; the credentials are added by whoever knows the way. */
  protected abstract ask(
    operation: CustomerFormName,
    fields: OperationFields,
    call: CallOptions,
  ): Promise<CustomerReply>;

  /**
   * Every event of the chat, each once and in order, until the chat has ended or the signal aborts, through any loss of
   * connection. Rejects with HistoryGoneError when the chat was deleted. Two loops take nothing away from each other.
   */
  abstract events(options?: EventsOptions): AsyncGenerator<CustomerEvent, void, void>;

  /** Lets go of the connection; the chat goes on. */
  abstract close(): Promise<void>;

  /** The id of the chat; throws before `requestChat` has resolved. */
  get chatId(): string {
    return this.credentials.chatId;
  }

  get userId(): string {
    return this.credentials.userId ?? '';
  }

  get secureKey(): string {
    return this.credentials.secureKey;
  }

  get alias(): string {
    return this.credentials.alias ?? '';
  }

  /** Whether a reply has said that the chat is over. */
  get chatEnded(): boolean {
    return this.#ended;
  }

  /** What to keep, and to hand to `resume` in another tab or after a new start. */
  get credentials(): ChatCredentials {
    if (!this.#chat) throw new Error('no chat has been requested yet');
    return this.#chat;
  }

  /** Goes into a chat that was requested before. */
  resume(credentials: ChatCredentials): void {
    this.#chat = credentials;
  }

  async requestChat(request: ChatRequest, call: CallOptions = {}): Promise<CustomerReply> {
    return this.ask('requestChat', { ...request }, call);
  }

  send(
    message: string,
    { messageType, ...call }: { readonly messageType?: string } & CallOptions = {},
  ): Promise<CustomerReply> {
    return this.ask('send', { message, messageType }, call);
  }

  /** `preview` is what has been typed so far. */
  startTyping(preview?: string, call: CallOptions = {}): Promise<CustomerReply> {
    return this.ask('startTyping', { message: preview }, call);
  }

  stopTyping(preview?: string, call: CallOptions = {}): Promise<CustomerReply> {
    return this.ask('stopTyping', { message: preview }, call);
  }

  /** Is called otherwise from now on. */
  updateNickname(nickname: string, call: CallOptions = {}): Promise<CustomerReply> {
    return this.ask('updateNickname', { nickname }, call);
  }

  /** Shows a page to the agent; http and https only. */
  pushUrl(pushUrl: string, call: CallOptions = {}): Promise<CustomerReply> {
    return this.ask('pushUrl', { pushUrl }, call);
  }

  /** Tells the agent's desktop something that it must understand. */
  customNotice(message: string, call: CallOptions = {}): Promise<CustomerReply> {
    return this.ask('customNotice', { message }, call);
  }

  /** Adds to the user data of the chat, or changes it. */
  updateData(userData: Readonly<Record<string, string>>, call: CallOptions = {}): Promise<CustomerReply> {
    return this.ask('updateData', { userData }, call);
  }

  /** Everything up to the event with this index has been read. */
  readReceipt(position: number, call: CallOptions = {}): Promise<CustomerReply> {
    return this.ask('readReceipt', { transcriptPosition: String(position) }, call);
  }

  /** Leaves the chat, which ends it. */
  disconnect(call: CallOptions = {}): Promise<CustomerReply> {
    return this.ask('disconnect', {}, call);
  }

  /** The credentials in the latest answer hold from then on (gms-customer-api §3). */
  protected learn(reply: CustomerReply | CustomerFailure | undefined): void {
    if (reply?.chatEnded) this.#ended = true;
    if (reply?.statusCode !== 0) return;
    const { chatId, userId, secureKey, alias } = reply;
    this.#chat = { chatId, userId, secureKey, alias };
  }
}

/** The error that a refusal, or a reply that is none, stands for. `httpStatus` is 200 where there is no HTTP. */
export function refusedReply(
  what: string,
  reply: CustomerReply | CustomerFailure | undefined,
  {
    httpStatus = 200,
    retryAfterMs = 0,
  }: { readonly httpStatus?: number; readonly retryAfterMs?: number } = {},
): ParleyError {
  const errors = reply && reply.statusCode !== 0 ? reply.errors : [];
  const told = errors.map(({ code, advice }) => `${code} ${advice}`).join('; ');
  return new ParleyError(`${what}: ${told || `HTTP ${httpStatus}`}`, {
    statusCode: reply?.statusCode ?? -1,
    httpStatus,
    errorCodes: errors.map(({ code }) => code),
    retryAfterMs,
  });
}
