import type { PushToApp } from '@parley/contract/push-to-apps.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { Poster } from './post.ts';
import type { Outcome } from './receiver.ts';
import { signedHeaders } from './signature.ts';
import { outcomeOf } from './webhook.ts';

/**
 * The seam behind which a push service stands (docs/push-to-apps.md). What it must do: hand one push over and say what
 * came of it, never reject, end at once when the signal is given, and bear to be given the same id again.
 */
export interface PushSender {
  /** Where it is, for administrators. */
  readonly url: string;
  /** Pushes under way at the same time. */
  readonly parallel: number;
  send(id: string, push: PushToApp, signal: AbortSignal): Promise<Outcome>;
  close(): void;
}

export type CustomHttpConfig = NonNullable<Config['push']['customHttp']>;

/** Hands pushes over to an HTTP address, as they are or in the form of a template (gms-customer-api §9, `customhttp`). */
export class CustomHttpPushSender implements PushSender {
  readonly url: string;
  readonly parallel: number;
  readonly #config: CustomHttpConfig;
  readonly #poster: Poster;
  readonly #options: { readonly clock: Clock; readonly version: string };

  constructor(config: CustomHttpConfig, options: { readonly clock: Clock; readonly version: string }) {
    this.url = config.url;
    this.parallel = config.parallel;
    this.#config = config;
    this.#poster = new Poster(config);
    this.#options = options;
  }

  send(id: string, push: PushToApp, signal: AbortSignal): Promise<Outcome> {
    const { secret, message } = this.#config;
    const { clock, version } = this.#options;
    const body = message === null ? JSON.stringify(push) : filledIn(message, push);
    const headers = {
      'content-type': 'application/json',
      'user-agent': `Parley/${version}`,
      ...signedHeaders({ id, atMs: clock.now(), body }, secret === undefined ? [] : [secret]),
    };
    return outcomeOf(() => this.#poster.post({ headers, body, signal }), signal);
  }

  close(): void {
    this.#poster.close();
  }
}

/** The template with its keys filled in, each written so that it stays within its JSON string. */
export function filledIn(template: string, push: PushToApp): string {
  const values: Readonly<Record<string, unknown>> = { ...push, text: push.event?.text, event: undefined };
  return template.replaceAll(/\{\{(\w{1,40})\}\}/g, (_whole, key: string) => {
    const value = Object.hasOwn(values, key) ? (values[key] ?? '') : '';
    return JSON.stringify(String(value)).slice(1, -1);
  });
}
