/** `crossOrigin` of the configuration. */
export interface CorsSettings {
  readonly allowedOrigins: readonly string[];
  readonly allowCredentials: boolean;
  readonly maxAgeMs: number;
  readonly allowedHeaders: readonly string[];
}

/** What of a request the decision depends on. */
export interface CorsRequest {
  readonly method: string;
  /** The `Origin` header. */
  readonly origin: string | undefined;
  /** The `Access-Control-Request-Method` header: there in a preflight. */
  readonly requestMethod: string | undefined;
}

/** What to do: headers to set in any case; a preflight is answered at once with `preflightStatus`. */
export interface CorsDecision {
  readonly headers: Readonly<Record<string, string>>;
  readonly preflightStatus?: 204 | 403;
}

/** gws-agent-api §2.3. */
const allowedMethods = 'GET,POST,PUT,DELETE,OPTIONS';
const exposedHeaders = 'X-CSRF-HEADER,X-CSRF-TOKEN,Idempotent-Replayed,Retry-After';

/**
 * Which pages of other origins may read the answer (gws-agent-api §2.3). Origins are compared exactly, case, port and
 * scheme included; `null` is never allowed, and `*` is never sent. A request that is not allowed gets no headers, so
 * the browser keeps the answer from the page; whether it may act is decided in csrf.ts.
 */
export function decideCors(request: CorsRequest, settings: CorsSettings): CorsDecision {
  const { method, origin, requestMethod } = request;
  const preflight = method === 'OPTIONS' && requestMethod !== undefined && origin !== undefined;
  // Caches must not hand one origin's answer to another.
  const vary = {
    Vary: preflight ? 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers' : 'Origin',
  };
  if (origin === undefined || !settings.allowedOrigins.includes(origin)) {
    return preflight ? { headers: vary, preflightStatus: 403 } : { headers: vary };
  }
  const allowed = {
    ...vary,
    'Access-Control-Allow-Origin': origin,
    ...(settings.allowCredentials && { 'Access-Control-Allow-Credentials': 'true' }),
  };
  if (!preflight) return { headers: { ...allowed, 'Access-Control-Expose-Headers': exposedHeaders } };
  return {
    preflightStatus: 204,
    headers: {
      ...allowed,
      'Access-Control-Allow-Methods': allowedMethods,
      'Access-Control-Allow-Headers': settings.allowedHeaders.join(','),
      'Access-Control-Max-Age': String(Math.floor(settings.maxAgeMs / 1000)),
    },
  };
}
