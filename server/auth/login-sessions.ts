import { hash } from 'node:crypto';
import type { Cancel, Clock } from '../clock.ts';
import type { AgentId, RandomBytes } from '../domain/ids.ts';
import type { LoginSessionRow } from '../journal/journal.ts';
import { sessionCookies } from './cookies.ts';

/** An agent's login session, known to the client by the cookie `JSESSIONID`. `digest` is the SHA-256 of that cookie. */
export type LoginSession = LoginSessionRow;

export type SessionEnd = 'SignedOut' | 'Idle' | 'Displaced' | 'UnknownAgent';

/** What happened to a session, for whoever stores them. */
export type LoginSessionChange =
  | { readonly kind: 'Stored'; readonly row: LoginSessionRow }
  | { readonly kind: 'Ended'; readonly row: LoginSessionRow; readonly reason: SessionEnd };

export interface LoginSessionsOptions {
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** A session unused for so long ends. */
  readonly idleTimeoutMs: number;
  /** Sessions in all and of one agent. One more ends another: see `LoginSessions`. */
  readonly maxSessions: number;
  readonly maxSessionsPerAgent: number;
  /**
   * Called within the call that changes something, or when a session's time is up. `lastSeenAtMs` is told coarsely. Returns
   * whether that will be stored: a session that will not is told again with its next use.
   */
  readonly onChange: (change: LoginSessionChange) => boolean;
}

interface Entry {
  row: LoginSessionRow;
  /** The `lastSeenAtMs` that was last told to `onChange`; -Infinity when that was not stored. */
  toldAtMs: number;
}

const cookieBytes = 32;
/** A longer header is read anew each time. */
const longestKeptHeader = 1024;
/** Telling each use would write to the log with each poll. */
const longestUntoldMs = 60_000;

function digestOf(cookie: string): string {
  return hash('sha256', cookie, 'hex');
}

function uuid(random: RandomBytes): string {
  const bytes = Buffer.from(random(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/**
 * The login sessions. A cookie is 256 random bits, made anew at each login; only its digest is kept.
 *
 * When there are too many, the first to go is the oldest whose cookie never came back: a client that signs in with
 * every request and keeps no cookies must not push out the desktop of the same agent. Then the one idle for longest.
 */
export class LoginSessions {
  readonly #options: LoginSessionsOptions;
  readonly #tellAfterMs: number;
  /** Both in the order of last use. A session moves from the first to the second when its cookie comes back. */
  readonly #fresh = new Map<string, Entry>();
  readonly #used = new Map<string, Entry>();
  readonly #byAgent = new Map<AgentId, Set<string>>();
  /** `Cookie` headers and the digests of the cookies in them; in memory only. */
  readonly #headers = new Map<string, readonly string[]>();
  #cancelTimer: Cancel | undefined;

  constructor(options: LoginSessionsOptions) {
    this.#options = options;
    this.#tellAfterMs = Math.min(longestUntoldMs, Math.floor(options.idleTimeoutMs / 10));
  }

  /**
   * Takes over stored sessions at start. Ends those of agents who are gone and those whose time is up; a session may
   * have been used a little later than was stored, so it is given that much longer.
   */
  restore(rows: readonly LoginSessionRow[], agentIds: ReadonlySet<AgentId>): void {
    const { clock, onChange } = this.#options;
    const inOrder = rows.toSorted((one, other) => one.lastSeenAtMs - other.lastSeenAtMs);
    for (const row of inOrder) {
      const lastSeenAtMs = Math.min(clock.now(), row.lastSeenAtMs + this.#tellAfterMs);
      if (!agentIds.has(row.agentId)) onChange({ kind: 'Ended', row, reason: 'UnknownAgent' });
      else this.#add(this.#used, { row: { ...row, lastSeenAtMs }, toldAtMs: row.lastSeenAtMs });
    }
    this.#expire();
    this.#makeRoom();
  }

  /** Starts a session. The cookie is not kept: this is the only time it is seen. */
  create(agentId: AgentId): { readonly cookie: string; readonly session: LoginSession } {
    const { clock, random, maxSessionsPerAgent } = this.#options;
    const cookie = Buffer.from(random(cookieBytes)).toString('base64url');
    const nowMs = clock.now();
    const row: LoginSessionRow = {
      digest: digestOf(cookie),
      agentId,
      csrfToken: uuid(random),
      createdAtMs: nowMs,
      lastSeenAtMs: nowMs,
    };
    this.#expire();
    while ((this.#byAgent.get(agentId)?.size ?? 0) >= maxSessionsPerAgent) this.#displaceOneOf(agentId);
    this.#makeRoom(1);
    const entry = { row, toldAtMs: nowMs };
    this.#add(this.#fresh, entry);
    this.#tell(entry);
    this.#setTimer();
    return { cookie, session: row };
  }

  /** The live session that a `Cookie` header names; finding it counts as its use. */
  findIn(header: string | undefined): LoginSession | undefined {
    if (header === undefined) return undefined;
    for (const digest of this.#digestsIn(header)) {
      const session = this.#find(digest);
      if (session) return session;
    }
    return undefined;
  }

  /** The live session behind a cookie; finding it counts as its use. */
  find(cookie: string): LoginSession | undefined {
    return this.#find(digestOf(cookie));
  }

  /** A desktop sends the same header with each poll: taking it apart and hashing it was 1 % of a message. */
  #digestsIn(header: string): readonly string[] {
    const known = this.#headers.get(header);
    if (known) return known;
    const digests = sessionCookies(header).map(digestOf);
    if (header.length > longestKeptHeader || digests.length === 0) return digests;
    const [oldest] = this.#headers.size >= this.#options.maxSessions ? this.#headers.keys() : [];
    if (oldest !== undefined) this.#headers.delete(oldest);
    this.#headers.set(header, digests);
    return digests;
  }

  #find(digest: string): LoginSession | undefined {
    this.#expire();
    const entry = this.#fresh.get(digest) ?? this.#used.get(digest);
    if (!entry) return undefined;
    this.#fresh.delete(digest);
    this.#used.delete(digest);
    this.#used.set(digest, entry);
    this.#see(entry);
    return entry.row;
  }

  /** Counts as use of a session that is known already: a held poll, a message on a socket. Nothing happens if it has ended. */
  touch(digest: string): void {
    const entry = this.#used.get(digest);
    if (entry) {
      this.#used.delete(digest);
      this.#used.set(digest, entry);
      this.#see(entry);
    }
  }

  isLive(digest: string): boolean {
    return this.#fresh.has(digest) || this.#used.has(digest);
  }

  end(digest: string): void {
    this.#remove(digest, 'SignedOut');
  }

  /** Ends every session of the agent (EndContactCenterSession, a changed password). */
  endAllOf(agentId: AgentId): void {
    for (const digest of this.#byAgent.get(agentId) ?? []) this.#remove(digest, 'SignedOut');
  }

  get size(): number {
    return this.#fresh.size + this.#used.size;
  }

  /** Stops the timer. The sessions are not ended: they go on after a restart. */
  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #see(entry: Entry): void {
    const lastSeenAtMs = Math.max(entry.row.lastSeenAtMs, this.#options.clock.now());
    entry.row = { ...entry.row, lastSeenAtMs };
    if (lastSeenAtMs - entry.toldAtMs >= this.#tellAfterMs) this.#tell(entry);
  }

  #tell(entry: Entry): void {
    const { row } = entry;
    entry.toldAtMs = this.#options.onChange({ kind: 'Stored', row }) ? row.lastSeenAtMs : -Infinity;
  }

  #add(sessions: Map<string, Entry>, entry: Entry): void {
    const { digest, agentId } = entry.row;
    sessions.set(digest, entry);
    const ofAgent = this.#byAgent.get(agentId) ?? new Set();
    this.#byAgent.set(agentId, ofAgent.add(digest));
  }

  #remove(digest: string, reason: SessionEnd): void {
    const entry = this.#fresh.get(digest) ?? this.#used.get(digest);
    if (!entry) return;
    this.#fresh.delete(digest);
    this.#used.delete(digest);
    const ofAgent = this.#byAgent.get(entry.row.agentId);
    ofAgent?.delete(digest);
    if (ofAgent?.size === 0) this.#byAgent.delete(entry.row.agentId);
    this.#options.onChange({ kind: 'Ended', row: entry.row, reason });
  }

  #displaceOneOf(agentId: AgentId): void {
    const entries = [...(this.#byAgent.get(agentId) ?? [])].map((digest) => {
      const fresh = this.#fresh.get(digest);
      const row = (fresh ?? this.#used.get(digest))?.row;
      return { digest, fresh: fresh !== undefined, lastSeenAtMs: row?.lastSeenAtMs ?? 0 };
    });
    const candidates = entries.some((one) => one.fresh) ? entries.filter((one) => one.fresh) : entries;
    const [first] = candidates.toSorted((one, other) => one.lastSeenAtMs - other.lastSeenAtMs);
    if (first) this.#remove(first.digest, 'Displaced');
  }

  #makeRoom(forNew = 0): void {
    while (this.size + forNew > this.#options.maxSessions) {
      const digest = this.#fresh.keys().next().value ?? this.#used.keys().next().value;
      if (digest === undefined) return;
      this.#remove(digest, 'Displaced');
    }
  }

  /** When the first of them has been idle too long; undefined when there are none. */
  #nextEndAtMs(): number | undefined {
    const firsts = [this.#fresh, this.#used].flatMap((sessions) => sessions.values().next().value ?? []);
    if (firsts.length === 0) return undefined;
    return Math.min(...firsts.map((entry) => entry.row.lastSeenAtMs)) + this.#options.idleTimeoutMs;
  }

  #expire(): void {
    const nowMs = this.#options.clock.now();
    for (const sessions of [this.#fresh, this.#used]) {
      for (const [digest, { row }] of sessions) {
        if (row.lastSeenAtMs + this.#options.idleTimeoutMs > nowMs) break;
        this.#remove(digest, 'Idle');
      }
    }
    this.#setTimer();
  }

  /** One timer for all: it wakes when the first could be over, and finds out then. */
  #setTimer(): void {
    if (this.#cancelTimer) return;
    const atMs = this.#nextEndAtMs();
    if (atMs === undefined) return;
    this.#cancelTimer = this.#options.clock.setTimer(atMs, () => {
      this.#cancelTimer = undefined;
      this.#expire();
    });
  }
}
