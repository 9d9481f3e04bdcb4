import { createHmac } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { AgentId, RandomBytes } from '../domain/ids.ts';

export interface CredentialCacheOptions {
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Entries kept; one more drops the one unused for longest. 0: nothing is kept. */
  readonly maxEntries: number;
  /** An entry lives so long after it was verified, however often it is used. */
  readonly ttlMs: number;
}

interface Entry {
  readonly agentId: AgentId;
  readonly expiresAtMs: number;
}

/**
 * Basic headers that were verified a short while ago, so that a client that sends its header with every long-poll is
 * hashed once. Kept is the header's HMAC under a key that only this run of the server knows, never the header.
 */
export class CredentialCache {
  readonly #options: CredentialCacheOptions;
  readonly #key: Uint8Array;
  /** In the order of use. */
  readonly #entries = new Map<string, Entry>();

  constructor(options: CredentialCacheOptions) {
    this.#options = options;
    this.#key = options.random(32);
  }

  /** The name under which the cache knows a header. It can be kept; the header must not. */
  keyOf(header: string): string {
    return createHmac('sha256', this.#key).update(header).digest('base64');
  }

  find(key: string): AgentId | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    if (entry.expiresAtMs <= this.#options.clock.now()) return undefined;
    this.#entries.set(key, entry);
    return entry.agentId;
  }

  remember(key: string, agentId: AgentId): void {
    const { clock, maxEntries, ttlMs } = this.#options;
    this.#entries.delete(key);
    this.#entries.set(key, { agentId, expiresAtMs: clock.now() + ttlMs });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= maxEntries) break;
      this.#entries.delete(oldest);
    }
  }

  /** The header was refused. */
  drop(key: string): void {
    this.#entries.delete(key);
  }

  /** The agent's password changed: every header of theirs must be verified again. */
  dropAgent(agentId: AgentId): void {
    for (const [key, entry] of this.#entries) if (entry.agentId === agentId) this.#entries.delete(key);
  }

  get size(): number {
    return this.#entries.size;
  }
}
