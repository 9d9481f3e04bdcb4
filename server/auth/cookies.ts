export const sessionCookieName = 'JSESSIONID';

/** More cookies of this name than a browser sends for one place; the rest is passed over. */
const mostCandidates = 4;

/**
 * The values of the login cookie in a `Cookie` header. There can be several, set for different paths or domains; each
 * has to be tried. Values of another form than `LoginSessions` makes are left out.
 */
export function sessionCookies(header: string | undefined): readonly string[] {
  if (header === undefined) return [];
  const values: string[] = [];
  for (const part of header.split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === sessionCookieName && value !== undefined && /^[A-Za-z0-9_-]{43}$/.test(value))
      values.push(value);
    if (values.length === mostCandidates) break;
  }
  return values;
}

export interface CookiePolicy {
  /** The server is reached by https: the cookie never travels otherwise. */
  readonly secure: boolean;
  /** Pages of other origins may sign in: the cookie is sent from them too. Browsers allow that only with `secure`. */
  readonly crossSite: boolean;
}

/** How the login cookie is set under this configuration. */
export function cookiePolicy(settings: {
  readonly externalUrl: string | null;
  readonly crossOrigin: { readonly allowedOrigins: readonly string[]; readonly allowCredentials: boolean };
}): CookiePolicy {
  const { externalUrl, crossOrigin } = settings;
  const secure = externalUrl?.startsWith('https:') ?? false;
  return {
    secure,
    crossSite: secure && crossOrigin.allowCredentials && crossOrigin.allowedOrigins.length > 0,
  };
}

function attributes({ secure, crossSite }: CookiePolicy): string {
  const sameSite = crossSite ? 'SameSite=None; Partitioned' : 'SameSite=Lax';
  return `Path=/; HttpOnly; ${sameSite}${secure ? '; Secure' : ''}`;
}

/** The value of `Set-Cookie` that hands out a session. It ends with the browser or when the server ends it. */
export function setSessionCookie(cookie: string, policy: CookiePolicy): string {
  return `${sessionCookieName}=${cookie}; ${attributes(policy)}`;
}

/** The value of `Set-Cookie` that takes it back. */
export function clearSessionCookie(policy: CookiePolicy): string {
  return `${sessionCookieName}=; Max-Age=0; ${attributes(policy)}`;
}
