import type { Fetch } from '@parley/client/fetch.ts';

/** What clients are told that the server's address is; the gate puts the present one in its place. */
export const gateUrl = 'http://parley.invalid';

/**
 * Stands between the clients and a server that comes and goes, each time on another port: a request waits while there
 * is none, and is cut off, like any other, when the server dies with it.
 */
export class Gate {
  #url: string | undefined;
  #opened = Promise.withResolvers<void>();

  open(url: string): void {
    this.#url = url;
    this.#opened.resolve();
  }

  close(): void {
    this.#url = undefined;
    this.#opened = Promise.withResolvers();
  }

  /** Rejects like the platform's when the signal of the request aborts while it waits. */
  readonly fetch: Fetch = async (url, init) => {
    while (this.#url === undefined) await this.#wait(init?.signal ?? undefined);
    return fetch(url.replace(gateUrl, this.#url), init);
  };

  async #wait(signal: AbortSignal | undefined): Promise<void> {
    if (!signal) return this.#opened.promise;
    const aborted = Promise.withResolvers<void>();
    const abort = (): void => aborted.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      await Promise.race([this.#opened.promise, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }
}
