/** The browser's cookie (`BAYEUX_BROWSER`): what tells the tabs of one browser from those of another. */

/** How the cookie is set. A widget on foreign pages needs `SameSite=None; Secure; Partitioned`. */
export interface CookieOptions {
  readonly name?: string;
  readonly path?: string;
  readonly domain?: string;
  readonly sameSite?: 'Strict' | 'Lax' | 'None';
  readonly secure?: boolean;
  readonly partitioned?: boolean;
  /** Seconds; without it the cookie lives as long as the browser. */
  readonly maxAgeS?: number;
}

/** The name CometD gives it. */
export const defaultCookieName = 'BAYEUX_BROWSER';

/** Longer or stranger values were never given out by us. */
const valuePattern = /^[A-Za-z0-9_-]{1,128}$/;

/** True for a value that we could have given out: only such a one makes a browser known. */
export function isBrowserId(value: string): boolean {
  return valuePattern.test(value);
}

/** The value of a cookie in a `Cookie` header, as it stands there; undefined when it is absent. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  let from = 0;
  while (from < header.length) {
    let end = header.indexOf(';', from);
    if (end < 0) end = header.length;
    while (header.charCodeAt(from) === 32) from++;
    if (header.charCodeAt(from + name.length) === 61 && header.startsWith(name, from)) {
      return header.slice(from + name.length + 1, end).trimEnd();
    }
    from = end + 1;
  }
  return undefined;
}

/** The part of a `Set-Cookie` header that follows `name=value`. Always HttpOnly. */
export function cookieAttributes(options: CookieOptions): string {
  const parts = [`Path=${options.path ?? '/'}`, 'HttpOnly'];
  if (options.domain !== undefined) parts.push(`Domain=${options.domain}`);
  if (options.maxAgeS !== undefined) parts.push(`Max-Age=${options.maxAgeS}`);
  if (options.secure === true) parts.push('Secure');
  parts.push(`SameSite=${options.sameSite ?? 'Lax'}`);
  if (options.partitioned === true) parts.push('Partitioned');
  return parts.join('; ');
}
