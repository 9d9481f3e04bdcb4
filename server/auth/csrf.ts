import { createHash, timingSafeEqual } from 'node:crypto';

/** The header that carries the token; its name is told to clients, so they may not assume it (gws-agent-api §2.2). */
export const csrfHeaderName = 'X-CSRF-TOKEN';

/** The text of the refusal, from the documentation (gws-agent-api §1.2); HTTP 403. */
export const csrfRefusal = 'Missing or invalid Csrf token';

/** What a GET is answered with while the protection is on. */
export function csrfHeaders(session: { readonly csrfToken: string }): Readonly<Record<string, string>> {
  return { 'X-CSRF-HEADER': csrfHeaderName, [csrfHeaderName]: session.csrfToken };
}

const changing = new Set(['POST', 'PUT', 'DELETE', 'PATCH']);

function sameText(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/**
 * Whether a request carries its session's token. Only methods that change something need it, CometD's POSTs among
 * them (gws-agent-api §2.2). A session that began with this very request has told nobody its token yet, so such a
 * request cannot pass: clients start with a GET.
 */
export function hasCsrfToken(request: {
  readonly method: string;
  /** The header named `csrfHeaderName`. */
  readonly token: string | undefined;
  readonly session: { readonly csrfToken: string };
}): boolean {
  if (!changing.has(request.method.toUpperCase())) return true;
  return request.token !== undefined && sameText(request.token, request.session.csrfToken);
}

/** Where a request claims to come from, and what counts as home. */
export interface OriginClaim {
  /** The `Origin` header. */
  readonly origin: string | undefined;
  /** The `Host` header. */
  readonly host: string | undefined;
}

export interface TrustedOrigins {
  readonly externalUrl: string | null;
  readonly allowedOrigins: readonly string[];
}

/**
 * Whether a request for which a cookie alone speaks comes from a page that may use it. Only browsers send cookies on
 * a stranger's behalf, and they name the page in `Origin` with every POST and every WebSocket: no `Origin`, no page.
 * Home is the host the request was sent to (under either scheme, for TLS may end in front of the server), `externalUrl`
 * and the allowed origins. To be asked before anything that changes something and before a socket is opened.
 */
export function mayUseCookie({ origin, host }: OriginClaim, trusted: TrustedOrigins): boolean {
  if (origin === undefined) return true;
  if (trusted.allowedOrigins.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  // What a browser sends has no path, no user and no capitals; anything else was made by hand.
  if (page.origin !== origin || !/^https?:$/.test(page.protocol)) return false;
  if (trusted.externalUrl !== null && page.origin === new URL(trusted.externalUrl).origin) return true;
  return host !== undefined && page.host === hostFor(page, host);
}

/** The `Host` header as a URL of the page's scheme would have it: in small letters, without the scheme's own port. */
function hostFor(page: URL, host: string): string | undefined {
  const url = `${page.protocol}//${host}`;
  return URL.canParse(url) ? new URL(url).host : undefined;
}
