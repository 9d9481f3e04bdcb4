import { systemFetch, type Fetch } from './fetch.ts';
import { ParleyError } from './parley-error.ts';

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
  readonly #cookies = new Map<string, string>();
  #csrf: { readonly header: string; readonly token: string } | undefined;

  constructor(options: { readonly baseUrl: string; readonly fetch?: Fetch }) {
    this.#baseUrl = options.baseUrl.replace(/\/+$/, '');
    this.#fetch = options.fetch ?? systemFetch;
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
   * `succeeded` and `failed`), rejects with `ParleyError` otherwise and with the error of `fetch` without a reply.
   */
  async request<Body>(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    options: { readonly body?: object; readonly authorization?: string; readonly signal?: AbortSignal } = {},
  ): Promise<Body & Reply> {
    const headers = new Headers({ accept: 'application/json' });
    if (options.body) headers.set('content-type', 'application/json');
    if (options.authorization) headers.set('authorization', options.authorization);
    const response = await this.fetch(this.url(path), {
      method,
      headers,
      ...(options.body ? { body: JSON.stringify(options.body) } : {}),
      ...(options.signal ? { signal: options.signal } : {}),
    });
    const text = await response.text();
    const reply = parseReply(text);
    if (response.ok && reply && (reply.statusCode === 0 || reply.statusCode === 7))
      return reply as Body & Reply;
    const told = reply?.statusMessage ?? (text.slice(0, 200) || 'an empty reply');
    throw new ParleyError(`${method} ${path}: ${told}`, {
      statusCode: reply?.statusCode ?? -1,
      httpStatus: response.status,
    });
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
