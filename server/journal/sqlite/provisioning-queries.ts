import type { DatabaseSync } from 'node:sqlite';
import { auditRow, parsedCell } from '../audit-row.ts';
import type { AuditPage, AuditRow, ProvisionedRow } from '../journal.ts';

// The casts below are the types with which `ProvisioningWriter` filled the columns.

const maxAuditRows = 1_000;

/** All that was changed over the API. */
export function provisionedRows(db: DatabaseSync): readonly ProvisionedRow[] {
  const rows = db.prepare('SELECT kind, id, value FROM provisioned ORDER BY kind, id').all();
  return rows.map((row) => ({
    kind: row['kind'] as string,
    id: row['id'] as string,
    value: parsedCell(row['value']),
  }));
}

/** The newest row of the audit. */
export function lastAudit(db: DatabaseSync): AuditRow | null {
  const row = db.prepare('SELECT * FROM audit ORDER BY number DESC LIMIT 1').get();
  return row ? auditRow(row) : null;
}

/** A page of the audit, oldest first. */
export function auditRows(db: DatabaseSync, { after, limit }: AuditPage): readonly AuditRow[] {
  const count = Math.max(1, Math.min(Math.trunc(limit), maxAuditRows));
  const sql = 'SELECT * FROM audit WHERE number > ? ORDER BY number LIMIT ?';
  return db.prepare(sql).all(after, count).map(auditRow);
}

/** How often a standard response was used, by the type of use. */
export function responseUsage(db: DatabaseSync, responseId: string): Readonly<Record<string, number>> {
  const sql = 'SELECT response_type, count(*) AS uses FROM response_usage WHERE response_id = ? GROUP BY 1';
  const rows = db.prepare(sql).all(responseId);
  return Object.fromEntries(rows.map((row) => [row['response_type'] as string, row['uses'] as number]));
}
