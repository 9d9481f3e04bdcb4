import { systemFetch, type Fetch } from '@parley/client/fetch.ts';
import { systemScheduler, type Scheduler } from '@parley/client/scheduler.ts';
import { inspect } from 'node:util';

/** What went out and what came in, in the order in which it did. Bodies are parsed: JSON, or a form's fields. */
export type Recorded =
  | { readonly kind: 'request'; readonly method: string; readonly path: string; readonly body: unknown }
  | {
      readonly kind: 'reply';
      readonly method: string;
      readonly path: string;
      readonly httpStatus: number;
      readonly body: unknown;
    }
  | { readonly kind: 'notification'; readonly channel: string; readonly data: unknown };

export type Received = Exclude<Recorded, { kind: 'request' }>;

/** How long a test waits for something that is on its way, unless it says otherwise. */
const defaultWithinMs = 5_000;

/**
 * Records all that one agent or customer sends and receives: stand `fetch` in the way of the client's, and pass
 * notifications to `notified`. Requests to the push endpoints are left out: what they bring are the notifications.
 */
export class Recorder {
  readonly #who: string;
  readonly #fetch: Fetch;
  readonly #scheduler: Scheduler;
  readonly #recorded: Recorded[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #onRecorded: (entry: Recorded) => void;

  /**
   * `who` is the name in failures; `scheduler` times the waits, in real time unless told otherwise; `onRecorded` is
   * told everything as it happens.
   */
  constructor(
    who: string,
    options: {
      readonly fetch?: Fetch;
      readonly scheduler?: Scheduler;
      readonly onRecorded?: (entry: Recorded) => void;
    } = {},
  ) {
    this.#onRecorded = options.onRecorded ?? (() => undefined);
    this.#who = who;
    this.#fetch = options.fetch ?? systemFetch;
    this.#scheduler = options.scheduler ?? systemScheduler;
  }

  readonly fetch: Fetch = async (url, init) => {
    const { pathname, search } = new URL(url);
    if (/^\/(api\/v2\/notifications|genesys\/cometd)(\/|$)/.test(pathname)) return this.#fetch(url, init);
    const call = { method: init?.method ?? 'GET', path: pathname + search };
    this.#add({ kind: 'request', ...call, body: parse(init?.body) });
    const response = await this.#fetch(url, init);
    this.#add({
      kind: 'reply',
      ...call,
      httpStatus: response.status,
      body: parse(await response.clone().text()),
    });
    return response;
  };

  notified(delivery: { readonly channel: string; readonly data: unknown }): void {
    this.#add({ kind: 'notification', channel: delivery.channel, data: delivery.data });
  }

  /** Everything up to now, requests included. */
  get all(): readonly Recorded[] {
    return [...this.#recorded];
  }

  /** Where the record stands now: pass it as `after` to wait for what is still to come. */
  get position(): number {
    return this.#recorded.length;
  }

  /** The first `count` things that were received, once there are as many. */
  async received(count: number, options: { readonly withinMs?: number } = {}): Promise<readonly Received[]> {
    const first = (): readonly Received[] => this.#recorded.filter(isReceived).slice(0, count);
    await this.#until(() => first().length === count, {
      ...options,
      what: `${count} replies and notifications`,
    });
    return first();
  }

  /**
   * The first thing received, after `after` if given, that fits; received already or within `withinMs` (real time,
   * default 5,000). Rejects with a list of what was received.
   */
  async waitFor(
    predicate: (received: Received) => boolean,
    options: { readonly withinMs?: number; readonly after?: number; readonly what?: string } = {},
  ): Promise<Received> {
    const { after = 0, what = String(predicate), ...rest } = options;
    const find = (): Received | undefined =>
      this.#recorded.slice(after).find((entry): entry is Received => isReceived(entry) && predicate(entry));
    await this.#until(() => find() !== undefined, { ...rest, what });
    return find() as Received;
  }

  /** The data of the first notification with these keys and values, in `data` itself or in its `chat`. */
  async notification<Data>(
    like: Readonly<Record<string, string>>,
    options: { readonly withinMs?: number; readonly after?: number } = {},
  ): Promise<Data> {
    const fits = (entry: Received): boolean => entry.kind === 'notification' && isLike(entry.data, like);
    const found = await this.waitFor(fits, { ...options, what: `a notification like ${inspect(like)}` });
    return (found as { readonly data: unknown }).data as Data;
  }

  #add(entry: Recorded): void {
    this.#recorded.push(entry);
    this.#onRecorded(entry);
    for (const watcher of this.#watchers) watcher();
  }

  async #until(
    isDone: () => boolean,
    options: { readonly withinMs?: number; readonly what: string },
  ): Promise<void> {
    if (isDone()) return;
    const { withinMs = defaultWithinMs, what } = options;
    await new Promise<void>((resolve, reject) => {
      const finish = (settle: () => void): void => {
        this.#watchers.delete(watcher);
        cancel();
        settle();
      };
      const watcher = (): void => {
        if (isDone()) finish(resolve);
      };
      this.#watchers.add(watcher);
      const cancel = this.#scheduler.after(withinMs, () =>
        finish(() => reject(this.#missed(what, withinMs))),
      );
    });
  }

  #missed(what: string, withinMs: number): Error {
    const lines = this.#recorded
      .filter(isReceived)
      .map((entry, position) => `  ${position + 1}. ${describe(entry)}`);
    const list = lines.length > 0 ? `it received:\n${lines.join('\n')}` : 'it received nothing';
    return new Error(`${this.#who} did not receive ${what} within ${withinMs} ms; ${list}`);
  }
}

function isReceived(entry: Recorded): entry is Received {
  return entry.kind !== 'request';
}

function isLike(data: unknown, like: Readonly<Record<string, string>>): boolean {
  if (typeof data !== 'object' || data === null) return false;
  const chat = 'chat' in data && typeof data.chat === 'object' ? data.chat : {};
  const flat: Readonly<Record<string, unknown>> = { ...chat, ...data };
  return Object.entries(like).every(([key, value]) => flat[key] === value);
}

function describe(entry: Received): string {
  const shown = inspect(entry.kind === 'reply' ? entry.body : entry.data, {
    depth: 6,
    breakLength: Infinity,
  });
  return entry.kind === 'reply'
    ? `${entry.method} ${entry.path} → HTTP ${entry.httpStatus} ${shown}`
    : `${entry.channel} ${shown}`;
}

/** JSON where it is JSON, the fields where it is a form, the text otherwise. */
function parse(body: unknown): unknown {
  if (typeof body !== 'string' || body === '') return undefined;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body.includes('=') ? Object.fromEntries(new URLSearchParams(body)) : body;
  }
}
