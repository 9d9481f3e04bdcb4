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

/** The value of a cookie in a `Cookie` header; undefined when it is absent or not of a shape we would have given out. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  let from = 0;
  while (from < header.length) {
    let end = header.indexOf(';', from);
    if (end < 0) end = header.length;
    const equals = header.indexOf('=', from);
    if (equals >= 0 && equals < end && header.slice(from, equals).trim() === name) {
      const value = header.slice(equals + 1, end).trim();
      if (valuePattern.test(value)) return value;
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
