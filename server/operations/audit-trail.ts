import { auditHash, auditOrigin } from '../journal/audit-hash.ts';
import type { AuditRow, Journal, TableWrite } from '../journal/journal.ts';
import { appendTo } from './keyed-request.ts';

/** What is to be written down: who did what to what. Nothing secret may be in `before` and `after`. */
export type AuditedChange = Pick<
  AuditRow,
  'agentId' | 'userName' | 'action' | 'kind' | 'resourceId' | 'before' | 'after'
>;

const pageLength = 1_000;

/** What a check of the whole chain found. `brokenAt`: the number of the first row that does not fit. */
export interface AuditVerification {
  readonly intact: boolean;
  readonly entries: number;
  readonly brokenAt?: number;
  readonly lastHash: string;
}

/**
 * The audit: an append-only list in which each row's hash covers the row before. A row that is changed, removed or put
 * in breaks the chain from there on. Rows cut off at the end are noticed while the server runs that wrote them, for it
 * knows the last hash; whoever wants more keeps a copy of `lastHash` elsewhere.
 */
export class AuditTrail {
  readonly #journal: Journal;
  #last = { number: 0, hash: auditOrigin };
  #durable = 0;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** Goes on from the newest stored row, at start. */
  restore(row: AuditRow | null): void {
    if (!row) return;
    this.#last = { number: row.number, hash: row.hash };
    this.#durable = row.number;
  }

  /** Writes down a change and makes it durable together with `writes`; resolves when both are. */
  record(change: AuditedChange, atMs: number, writes: readonly TableWrite[]): Promise<void> {
    const row = this.#next(change, atMs);
    return new Promise((resolve) => {
      appendTo(this.#journal, { events: [], writes: [...writes, { table: 'audit', row }] }, () => {
        this.#durable = row.number;
        resolve();
      });
      this.#last = { number: row.number, hash: row.hash };
    });
  }

  #next(change: AuditedChange, atMs: number): AuditRow {
    const { agentId, userName, action, kind, resourceId } = change;
    const { before = null, after = null } = change;
    const row = {
      ...{ number: this.#last.number + 1, atMs, agentId, userName, action, kind, resourceId },
      // As it will be read back: JSON knows no undefined.
      before: JSON.parse(JSON.stringify(before)) as unknown,
      after: JSON.parse(JSON.stringify(after)) as unknown,
      previousHash: this.#last.hash,
    };
    return { ...row, hash: auditHash(row) };
  }

  /** Rows with a number above `after`, oldest first, at most `limit` (1,000 at most). */
  rows(after: number, limit: number): Promise<readonly AuditRow[]> {
    return this.#journal.auditRows({ after, limit: Math.max(1, Math.min(limit, pageLength)) });
  }

  /** Checks every row that was durable when the check began. */
  async verify(): Promise<AuditVerification> {
    const newest = this.#durable;
    let last = { number: 0, hash: auditOrigin };
    for (;;) {
      const rows = await this.rows(last.number, pageLength);
      for (const row of rows) {
        const fits =
          row.number === last.number + 1 && row.previousHash === last.hash && row.hash === auditHash(row);
        if (!fits)
          return { intact: false, entries: last.number, brokenAt: last.number + 1, lastHash: last.hash };
        last = { number: row.number, hash: row.hash };
      }
      if (rows.length < pageLength) break;
    }
    if (last.number < newest)
      return { intact: false, entries: last.number, brokenAt: last.number + 1, lastHash: last.hash };
    return { intact: true, entries: last.number, lastHash: last.hash };
  }
}
