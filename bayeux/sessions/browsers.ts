/** How much one browser or one principal has open: the limits on tabs, and the two that bound what one user can take. */

/** One browser, known by its cookie. Kept while it has a session. */
export interface Browser {
  readonly id: string;
  sessions: number;
  /** Connects held over HTTP: each takes one of the six connections a browser opens to a host. */
  holds: number;
}

/** Counts by key, forgetting a key when its count returns to zero. */
export class Tally {
  readonly #counts = new Map<string, number>();

  /** Number of keys with a count above zero. */
  get size(): number {
    return this.#counts.size;
  }

  /** The count of a key. */
  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  /** Adds one. */
  increase(key: string): void {
    this.#counts.set(key, this.of(key) + 1);
  }

  /** Takes one away. */
  decrease(key: string): void {
    const rest = this.of(key) - 1;
    if (rest > 0) this.#counts.set(key, rest);
    else this.#counts.delete(key);
  }
}

/** The browsers that have a session. */
export class Browsers {
  readonly #byId = new Map<string, Browser>();

  /** Number of browsers with a session. */
  get size(): number {
    return this.#byId.size;
  }

  /** Number of sessions of a browser. */
  sessionsOf(id: string): number {
    return this.#byId.get(id)?.sessions ?? 0;
  }

  /** Counts one more session of a browser. */
  enter(id: string): Browser {
    let browser = this.#byId.get(id);
    if (browser === undefined) {
      browser = { id, sessions: 0, holds: 0 };
      this.#byId.set(id, browser);
    }
    browser.sessions++;
    return browser;
  }

  /** Counts one session less. */
  leave(browser: Browser): void {
    browser.sessions--;
    if (browser.sessions === 0) this.#byId.delete(browser.id);
  }
}
