import { systemFetch, type Fetch } from './fetch.ts';
import { ParleyError } from './parley-error.ts';
import {
  newIdempotencyKey,
  retryAfterMs,
  retrying,
  withTimeForFiles,
  type CallOptions,
  type Retry,
} from './retry.ts';

/** What every reply of the agent API has (gws-agent-api §1.2). */
interface Reply {
  readonly statusCode: number;
  readonly statusMessage?: string;
}

/**
 * The HTTP side of a signed-in agent (gws-agent-api §2): keeps the cookies where the platform does not (Node's `fetch`
 * has no jar; in a browser the two headers are out of reach and the browser keeps them itself), and sends the
 * CSRF token back once the server has offered one (§2.2).
 */
export class LoginSession {
  readonly #baseUrl: string;
  readonly #fetch: Fetch;
  readonly #retry: Retry;
  readonly #cookies = new Map<string, string>();
  #csrf: { readonly header: string; readonly token: string } | undefined;

  constructor(options: { readonly baseUrl: string; readonly fetch?: Fetch; readonly retry?: Retry }) {
    this.#baseUrl = options.baseUrl.replace(/\/+$/, '');
    this.#fetch = options.fetch ?? systemFetch;
    this.#retry = options.retry ?? {};
  }

  /** `fetch` with this session's cookies and CSRF token. */
  readonly fetch: Fetch = async (url, init = {}) => {
    const headers = new Headers(init.headers);
    if (this.#cookies.size > 0)
      headers.set('cookie', [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    if (this.#csrf) headers.set(this.#csrf.header, this.#csrf.token);
    const response = await this.#fetch(url, { ...init, headers, credentials: 'include' });
    this.#keep(response.headers);
    return response;
  };

  /** The absolute URL of a path of this server. */
  url(path: string): string {
    return this.#baseUrl + path;
  }

  /**
   * One request of the agent API. Resolves with the reply when its `statusCode` is 0 or 7 (partial success, told in
   * `succeeded` and `failed`), rejects with `ParleyError` otherwise and with the error of `fetch` without a reply, when
   * trying again has not helped (see `retrying`). What changes something goes under an idempotency key.
   */
  async request<Body>(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    options: CallOptions & {
      readonly body?: object;
      /** A form with a file, instead of a body. Its parts must be readable again, as those of a `Blob` are. */
      readonly form?: FormData;
      readonly authorization?: string;
    } = {},
  ): Promise<Body & Reply> {
    const headers = new Headers({ accept: 'application/json' });
    if (options.body) headers.set('content-type', 'application/json');
    if (options.authorization) headers.set('authorization', options.authorization);
    const { form } = options;
    if (method !== 'GET') headers.set('idempotency-key', options.idempotencyKey ?? newIdempotencyKey());
    const body = form ? { body: form } : options.body ? { body: JSON.stringify(options.body) } : {};
    const attempt = (signal: AbortSignal): Promise<Body & Reply> =>
      this.#attempt<Body>(path, { method, headers, ...body, signal });
    return retrying(attempt, form ? withTimeForFiles(this.#retry) : this.#retry, options);
  }

  /** The bytes that are at the path; rejects as `request` does. */
  async download(path: string): Promise<Blob> {
    const response = await this.fetch(this.url(path));
    if (response.ok) return response.blob();
    throw refusedBy(response, { call: `GET ${path}`, text: await response.text() });
  }

  async #attempt<Body>(path: string, init: RequestInit): Promise<Body & Reply> {
    const response = await this.fetch(this.url(path), init);
    const text = await response.text();
    const reply = parseReply(text);
    if (response.ok && reply && (reply.statusCode === 0 || reply.statusCode === 7))
      return reply as Body & Reply;
    throw refusedBy(response, { call: `${init.method} ${path}`, text });
  }

  #keep(headers: Headers): void {
    for (const cookie of headers.getSetCookie()) {
      const [pair = '', ...attributes] = cookie.split(';');
      const [name = '', ...rest] = pair.split('=');
      const value = rest.join('=').trim();
      const gone =
        value === '' || attributes.some((attribute) => /^\s*max-age\s*=\s*(0|-\d+)\s*$/i.test(attribute));
      if (gone) this.#cookies.delete(name.trim());
      else this.#cookies.set(name.trim(), value);
    }
    const header = headers.get('x-csrf-header');
    const token = header && headers.get(header);
    if (header && token) this.#csrf = { header, token };
  }
}

function refusedBy(
  { status, headers }: Response,
  { call, text }: { readonly call: string; readonly text: string },
): ParleyError {
  const reply = parseReply(text);
  const told = reply?.statusMessage ?? (text.slice(0, 200) || 'an empty reply');
  return new ParleyError(`${call}: ${told}`, {
    statusCode: reply?.statusCode ?? -1,
    httpStatus: status,
    retryAfterMs: retryAfterMs(headers),
  });
}

function parseReply(text: string): Reply | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isReply = typeof value === 'object' && value !== null && 'statusCode' in value;
    return isReply && typeof value.statusCode === 'number' ? (value as Reply) : undefined;
  } catch {
    return undefined;
  }
}

/** The `Authorization` header of HTTP Basic, in UTF-8. */
export function basicAuthorization(userName: string, password: string): string {
  const bytes = new TextEncoder().encode(`${userName}:${password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}
