import type { CustomerFormName } from '@parley/contract/gms/requests.ts';
import type { CustomerEvent, CustomerFailure, CustomerReply } from '@parley/contract/gms/replies.ts';
import {
  CustomerOperations,
  endOfEvents,
  refusedReply,
  type ChatRequest,
  type EventsOptions,
  type OperationFields,
} from './customer-operations.ts';
import { readFileLimits, type FileLimits } from './file-limits.ts';
import { systemFetch, type Fetch } from './fetch.ts';
import {
  mayRetry,
  newIdempotencyKey,
  pause,
  retryAfterMs,
  retrying,
  withTimeForFiles,
  type CallOptions,
  type RetryOptions,
} from './retry.ts';
import { systemScheduler, type Scheduler } from './scheduler.ts';

export interface CustomerClientOptions {
  /** Where the server is, without `/genesys`. */
  readonly baseUrl: string;
  /** The customer-facing service: the segment of the URL that selects queue and settings. */
  readonly service: string;
  readonly fetch?: Fetch;
  readonly scheduler?: Scheduler;
  /** How requests are sent again that were lost on the way. */
  readonly retry?: RetryOptions;
  /** The pause between two refreshes of `events`. Default 2,000. */
  readonly pollEveryMs?: number;
}

export interface PollOptions extends EventsOptions {
  /** Pause between two refreshes. */
  readonly everyMs: number;
  /** How many refreshes in a row may fail for now (no reply, or `statusCode` 1) before the loop throws. Default 5. */
  readonly maxFailures?: number;
}

/** Over the polling API (gms-customer-api §2–§5), with form bodies as the widgets send them. */
export class CustomerClient extends CustomerOperations {
  readonly #options: CustomerClientOptions;
  readonly #url: string;
  readonly #fetch: Fetch;
  readonly #scheduler: Scheduler;
  #nextPosition = 1;

  constructor(options: CustomerClientOptions) {
    super();
    const { baseUrl, service } = options;
    this.#options = options;
    this.#url = `${baseUrl.replace(/\/+$/, '')}/genesys/2/chat/${encodeURIComponent(service)}`;
    this.#fetch = options.fetch ?? systemFetch;
    this.#scheduler = options.scheduler ?? systemScheduler;
  }

  /** The index of the first event that no reply to `requestChat` or `refresh` has brought yet. */
  get nextPosition(): number {
    return this.#nextPosition;
  }

  override async requestChat(request: ChatRequest, call: CallOptions = {}): Promise<CustomerReply> {
    const reply = await super.requestChat(request, call);
    this.#nextPosition = reply.nextPosition ?? 1;
    return reply;
  }

  /** The events from `position` on; without it, those that no earlier reply has brought. */
  async refresh(position: number = this.#nextPosition, call: CallOptions = {}): Promise<CustomerReply> {
    const reply = await this.ask('refresh', { transcriptPosition: String(position) }, call);
    this.#nextPosition = Math.max(this.#nextPosition, reply.nextPosition ?? 1);
    return reply;
  }

  /** What may be uploaded, and how much of it is left. */
  async fileLimits(call: CallOptions = {}): Promise<FileLimits> {
    return readFileLimits(await this.#operate('file/limits', {}, call));
  }

  /** Sends a file under an idempotency key; `name` says its type by its extension. Resolves with its id. */
  async uploadFile(
    file: Blob,
    options: CallOptions & { readonly name: string; readonly description?: string },
  ): Promise<string> {
    const { chatId, userId = '', secureKey, alias = '' } = this.credentials;
    const form = new FormData();
    for (const [name, value] of Object.entries({ userId, secureKey, alias })) form.append(name, value);
    const { name: fileName, description, ...call } = options;
    if (description !== undefined) form.append('userData[file-description]', description);
    form.append('file', file, fileName);
    const url = `${this.#url}/${encodeURIComponent(chatId)}/file`;
    const headers = { 'idempotency-key': call.idempotencyKey ?? newIdempotencyKey() };
    const attempt = (signal: AbortSignal): Promise<CustomerReply> =>
      this.#send(url, { headers, body: form, signal });
    const retry = { ...this.#options.retry, scheduler: this.#scheduler };
    const { userData } = await retrying(attempt, withTimeForFiles(retry), call);
    return userData['file-id'] ?? '';
  }

  /** The bytes of a file. */
  async downloadFile(fileId: string): Promise<Blob> {
    const { chatId, secureKey } = this.credentials;
    const url = `${this.#url}/${encodeURIComponent(chatId)}/file/${encodeURIComponent(fileId)}/download`;
    const response = await this.#fetch(url, { method: 'POST', body: new URLSearchParams({ secureKey }) });
    if (response.ok) return response.blob();
    throw refusedReply(url, parseReply(await response.text()), { httpStatus: response.status });
  }

  /** Deletes a file of the customer's own. */
  deleteFile(fileId: string, call: CallOptions = {}): Promise<CustomerReply> {
    return this.#operate(`file/${encodeURIComponent(fileId)}/delete`, {}, call);
  }

  events(options: EventsOptions = {}): AsyncGenerator<CustomerEvent, void, void> {
    const { pollEveryMs: everyMs = 2_000 } = this.#options;
    return this.poll({ ...options, everyMs, maxFailures: Number.POSITIVE_INFINITY });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** As `events`, with a bound on the failures in a row. A refusal that says "do not try again" ends it. */
  async *poll(options: PollOptions): AsyncGenerator<CustomerEvent, void, void> {
    const { everyMs, from = 1, maxFailures = 5, signal } = options;
    let position = from;
    let failures = 0;
    while (!signal?.aborted) {
      try {
        const reply = await this.refresh(position, { deadlineMs: 0, ...(signal ? { signal } : {}) });
        failures = 0;
        for (const event of reply.messages) {
          if (event.index < position) continue;
          position = event.index + 1;
          yield event;
        }
        if (reply.chatEnded) return;
        position = Math.max(position, reply.nextPosition ?? 1);
      } catch (error) {
        if (signal?.aborted) return;
        if (!mayRetry(error) || ++failures > maxFailures) throw endOfEvents(error, position);
      }
      await pause(everyMs, this.#scheduler, signal);
    }
  }

  protected ask(
    operation: CustomerFormName,
    fields: OperationFields,
    call: CallOptions,
  ): Promise<CustomerReply> {
    return operation === 'requestChat'
      ? this.#post(this.#url, fields, call)
      : this.#operate(operation, fields, call);
  }

  #operate(operation: string, fields: OperationFields, call: CallOptions): Promise<CustomerReply> {
    const { chatId, userId, secureKey, alias } = this.credentials;
    const url = `${this.#url}/${encodeURIComponent(chatId)}/${operation}`;
    return this.#post(url, { userId, secureKey, alias, ...fields }, call);
  }

  #post(url: string, fields: OperationFields, call: CallOptions): Promise<CustomerReply> {
    const key = call.idempotencyKey ?? newIdempotencyKey();
    const body = formOf(fields).toString();
    const headers = {
      'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
      accept: 'application/json',
      'idempotency-key': key,
    };
    const attempt = (signal: AbortSignal): Promise<CustomerReply> =>
      this.#send(url, { headers, body, signal });
    return retrying(attempt, { ...this.#options.retry, scheduler: this.#scheduler }, call);
  }

  async #send(url: string, init: RequestInit): Promise<CustomerReply> {
    const response = await this.#fetch(url, { ...init, method: 'POST' });
    const reply = parseReply(await response.text());
    this.learn(reply);
    if (response.ok && reply?.statusCode === 0) return reply;
    throw refusedReply(`POST ${new URL(url).pathname}`, reply, {
      httpStatus: response.status,
      retryAfterMs: retryAfterMs(response.headers),
    });
  }
}

/** User data as `userData[key]=value` (gms-customer-api §2). */
function formOf(fields: OperationFields): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') form.append(name, value);
    else for (const [key, text] of Object.entries(value ?? {})) form.append(`${name}[${key}]`, text);
  }
  return form;
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
