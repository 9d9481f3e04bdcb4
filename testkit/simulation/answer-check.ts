import { answerAfterMs } from '@parley/server/limits/requests-under-way.ts';
import type { Answered, Asked } from './simulated-connection.ts';

/** Whoever waits for room is answered when it was looked for them twice (docs/adr/0017). */
const longestWaitMs = 2 * answerAfterMs;
/** Agents: HTTP 503 and 504; customers: the codes of Unavailable and Unconfirmed in HTTP 200. */
const unavailable = { status: 503, code: '"code":240' };
const unconfirmed = { status: 504, code: '"code":122' };

/** What was answered for want of room, or for too much to do. */
export interface Refusals {
  unavailable: number;
  unconfirmed: number;
}

interface OpenRequest {
  readonly asked: Asked;
  readonly sinceMs: number;
}

/** Looks at every answer of a server while its disk is full, and at those that do not come. */
export class AnswerCheck {
  readonly #now: () => number;
  readonly #report: (problem: string) => void;
  readonly #open = new Set<OpenRequest>();
  readonly counts: Refusals = { unavailable: 0, unconfirmed: 0 };
  /** From when on there is no reason to refuse anything. */
  takesAllFromMs = 0;

  constructor(options: { readonly now: () => number; readonly report: (problem: string) => void }) {
    this.#now = options.now;
    this.#report = options.report;
  }

  /** A request has reached the server. To be called with its answer, or with nothing when there will be none. */
  begun(asked: Asked): (answered?: Answered) => void {
    // A held connect waits for news, not for the disk.
    if (asked.url.includes('/notifications')) return () => {};
    const request = { asked, sinceMs: this.#now() };
    this.#open.add(request);
    return (answered) => {
      this.#open.delete(request);
      if (answered) this.#answered(asked, answered);
    };
  }

  /** The server knows, without a pause since then, that there is no room. */
  stillFull(sinceMs: number): void {
    for (const request of this.#open) {
      const waitedMs = this.#now() - Math.max(sinceMs, request.sinceMs);
      if (waitedMs <= longestWaitMs) continue;
      this.#open.delete(request);
      this.#report(`${nameOf(request.asked)} waits for room and is not answered`);
    }
  }

  #answered(asked: Asked, answered: Answered): void {
    const kind = kindOf(answered);
    if (!kind) return;
    this.counts[kind] += 1;
    const name = `${nameOf(asked)} was answered as ${kind}`;
    if (isRead(asked)) this.#report(`${name}, and only reads`);
    if (!answered.headers.has('retry-after')) this.#report(`${name} without Retry-After`);
    if (this.#now() >= this.takesAllFromMs) this.#report(`${name} by a disk that has room`);
  }
}

function nameOf({ method, url }: Asked): string {
  return `${method} ${url}`;
}

function isRead({ method, url, body }: Asked): boolean {
  return method === 'GET' || (url.endsWith('/refresh') && !new URLSearchParams(body).has('message'));
}

function kindOf(answered: Answered): keyof Refusals | undefined {
  if (isUnavailable(answered)) return 'unavailable';
  return isOf(unconfirmed, answered) ? 'unconfirmed' : undefined;
}

/** Whether nothing was done, and may be later. */
export function isUnavailable(answered: Answered): boolean {
  return isOf(unavailable, answered);
}

function isOf({ status, code }: typeof unavailable, answered: Answered): boolean {
  return answered.status === status || answered.body.includes(code);
}
