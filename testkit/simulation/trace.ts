import { createHash } from 'node:crypto';

/** What happens in a simulated world, in order: two plays of one seed have the same. */
export class Trace {
  readonly #now: () => number;
  readonly #onLine: (line: string) => void;
  readonly #digest = createHash('sha256');

  constructor(now: () => number, onLine: (line: string) => void) {
    this.#now = now;
    this.#onLine = onLine;
  }

  add(what: string): void {
    const line = `${this.#now()} ${what}`;
    this.#digest.update(line);
    this.#onLine(line);
  }

  /** Notes a request and how it ended. */
  async request(client: string, url: string, send: () => Promise<Response>): Promise<Response> {
    const { pathname } = new URL(url);
    this.add(`${client} asks ${pathname}`);
    try {
      const response = await send();
      this.add(`${client} is answered ${response.status} ${pathname}`);
      return response;
    } catch (error) {
      this.add(`${client} is not answered ${pathname}`);
      throw error;
    }
  }

  /** Of everything so far. */
  digest(): string {
    return this.#digest.copy().digest('hex').slice(0, 16);
  }
}
