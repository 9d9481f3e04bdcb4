/** A place where an engine listens: a path, who may come in there, and by which transports. */

import type { IncomingMessage } from 'node:http';
import type { MaybePromise } from '../options.ts';
import type { ConnectionType } from '../protocol/handshake.ts';
import { cookieAttributes, type CookieOptions, defaultCookieName } from './cookie.ts';
import type { AllowedOrigins } from './origin.ts';

/** The answer of a mount's `authenticate`: who it is, or the HTTP response to give as it stands. */
export type Authentication<P> =
  | { readonly principal: P }
  | {
      readonly refuse: {
        readonly status: number;
        readonly headers?: Readonly<Record<string, string>>;
        readonly body?: string;
      };
    };

/** How a mount is described. */
export interface MountOptions<P> {
  /** Path without trailing slash; any suffix below it is served too, and means nothing. */
  readonly path: string;
  /** Called for each HTTP request and each upgrade; a synchronous answer costs no turn of the event loop. */
  readonly authenticate: (request: IncomingMessage) => MaybePromise<Authentication<P>>;
  /** Transports on offer. Default: websocket and long-polling. */
  readonly connectionTypes?: readonly ConnectionType[];
  /** Origins allowed beside the server's own. Default: none. */
  readonly allowedOrigins?: AllowedOrigins;
  /** Request headers that pages may send, beside Content-Type, X-Requested-With and Authorization. */
  readonly allowedHeaders?: readonly string[];
  readonly cookie?: CookieOptions;
  /** Overrides the engine's `trustClientId`. */
  readonly trustClientId?: boolean;
}

/** A mount, ready to serve. Made by `BayeuxServer.mount`. */
export class Mount<P> {
  readonly path: string;
  readonly authenticate: (request: IncomingMessage) => MaybePromise<Authentication<P>>;
  readonly connectionTypes: readonly ConnectionType[];
  readonly allowedOrigins: AllowedOrigins;
  readonly allowedHeaders: string;
  readonly cookieName: string;
  readonly trustClientId: boolean;
  readonly #cookieAttributes: string;

  constructor(options: MountOptions<P>, trustClientId: boolean) {
    if (!/^(\/[^/?#]+)+$/.test(options.path))
      throw new RangeError(`a mount's path is like /a/b, not ${options.path}`);
    this.path = options.path;
    this.authenticate = options.authenticate;
    this.connectionTypes = options.connectionTypes ?? ['websocket', 'long-polling'];
    this.allowedOrigins = options.allowedOrigins ?? [];
    this.allowedHeaders = [
      'Content-Type',
      'X-Requested-With',
      'Authorization',
      ...(options.allowedHeaders ?? []),
    ].join(', ');
    this.cookieName = options.cookie?.name ?? defaultCookieName;
    this.trustClientId = options.trustClientId ?? trustClientId;
    this.#cookieAttributes = cookieAttributes(options.cookie ?? {});
  }

  /** True for a URL at or below the mount's path. */
  covers(url: string): boolean {
    if (!url.startsWith(this.path)) return false;
    const next = url.charCodeAt(this.path.length);
    return Number.isNaN(next) || next === 47 || next === 63;
  }

  /** A `Set-Cookie` header that gives a browser its id. */
  setCookie(browserId: string): string {
    return `${this.cookieName}=${browserId}; ${this.#cookieAttributes}`;
  }
}
