/**
 * A map that holds at most `maxEntries` entries, which may be 2 or more. When it is full, the half that was not touched for
 * longest is forgotten. Two plain maps stand for the order, so that a look-up costs no more than one of a plain map.
 */
export class RecentMap<Value> {
  readonly #half: number;
  #newer = new Map<string, Value>();
  #older = new Map<string, Value>();

  constructor(maxEntries: number) {
    this.#half = Math.max(1, Math.floor(maxEntries / 2));
  }

  get size(): number {
    return this.#newer.size + this.#older.size;
  }

  /** What is known under the key; counts as a touch. */
  get(key: string): Value | undefined {
    const found = this.#newer.get(key);
    if (found !== undefined) return found;
    const older = this.#older.get(key);
    if (older === undefined) return undefined;
    this.#older.delete(key);
    this.#enter(key, older);
    return older;
  }

  set(key: string, value: Value): void {
    this.#older.delete(key);
    this.#enter(key, value);
  }

  #enter(key: string, value: Value): void {
    if (this.#newer.size >= this.#half && !this.#newer.has(key)) {
      this.#older = this.#newer;
      this.#newer = new Map();
    }
    this.#newer.set(key, value);
  }
}
