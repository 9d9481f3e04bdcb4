/** Which pages may talk to us. The same list serves CORS and WebSocket upgrades, which CORS does not cover. */

/** Origins allowed beside the server's own: exact values as browsers send them, or a question asked per request. */
export type AllowedOrigins = readonly string[] | ((origin: string) => boolean);

/** `none`: not from a page; `same`: from our own page; `allowed`: from a listed one; `refused`: from any other. */
export type OriginVerdict = 'none' | 'same' | 'allowed' | 'refused';

/** Judges a request by its `Origin` and `Host` headers. Programs send no `Origin` and pass. */
export function judgeOrigin(
  origin: string | undefined,
  host: string | undefined,
  allowed: AllowedOrigins,
): OriginVerdict {
  if (origin === undefined) return 'none';
  if (typeof allowed === 'function' ? allowed(origin) : allowed.includes(origin)) return 'allowed';
  if (host !== undefined && (origin === `http://${host}` || origin === `https://${host}`)) return 'same';
  return 'refused';
}
