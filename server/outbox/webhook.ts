import type { WebhookEvent } from '@parley/contract/webhooks.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Chat } from '../domain/chat.ts';
import type { StoredEvent } from '../domain/chat-event.ts';
import type { DispatchRow } from '../journal/journal.ts';
import { Poster } from './post.ts';
import type { Outcome, Receiver, Telling } from './receiver.ts';
import { signedHeaders } from './signature.ts';
import { webhookMessageOf } from './webhook-message.ts';

export type WebhookConfig = Config['webhooks'][number];

export interface WebhookOptions {
  readonly clock: Clock;
  readonly version: string;
}

/** A receiver that is told of chats by signed POSTs (docs/webhooks.md). */
export class Webhook implements Receiver {
  readonly name: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  readonly parallel: number;
  readonly #hook: WebhookConfig;
  readonly #services: ReadonlySet<string>;
  readonly #poster: Poster;
  readonly #options: WebhookOptions;

  constructor(hook: WebhookConfig, options: WebhookOptions) {
    this.name = hook.name;
    this.url = hook.url;
    this.events = hook.events;
    this.parallel = hook.parallel;
    this.#hook = hook;
    this.#services = new Set(hook.services);
    this.#poster = new Poster(hook);
    this.#options = options;
  }

  tellingOf(stored: StoredEvent, chat: Chat): Telling | null {
    if (this.#services.size > 0 && !this.#services.has(chat.service)) return null;
    const message = webhookMessageOf(stored, chat, this.#hook);
    if (!message || !this.events.includes(message.type)) return null;
    return { kind: message.type, body: JSON.stringify(message) };
  }

  send({ id, body }: DispatchRow, signal: AbortSignal): Promise<Outcome> {
    const { clock, version } = this.#options;
    const { secret, previousSecret } = this.#hook;
    const secrets = [secret, ...(previousSecret === undefined ? [] : [previousSecret])];
    const headers = {
      'content-type': 'application/json',
      'user-agent': `Parley/${version}`,
      ...signedHeaders({ id, atMs: clock.now(), body }, secrets),
    };
    return outcomeOf(() => this.#poster.post({ headers, body, signal }), signal);
  }

  close(): void {
    this.#poster.close();
  }
}

/** 2xx confirms; 410 says that nobody wants it any more; everything else is tried again. */
export async function outcomeOf(
  post: () => ReturnType<Poster['post']>,
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    const { status, retryAfterMs } = await post();
    if (status >= 200 && status < 300) return { outcome: 'Confirmed' };
    return { outcome: 'Failed', failure: `HTTP ${status}`, final: status === 410, retryAfterMs };
  } catch (error) {
    const reason: unknown = signal.aborted ? signal.reason : error;
    return { outcome: 'Failed', failure: failureText(reason) };
  }
}

/** One line for administrators; what a resolver or a connection says holds nothing secret. */
function failureText(reason: unknown): string {
  const { message, code } = reason as { readonly message?: string; readonly code?: unknown };
  return (message || String(code ?? reason)).slice(0, 300);
}
