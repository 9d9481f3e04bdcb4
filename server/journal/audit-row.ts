import type { AuditRow } from './journal.ts';

/** What a column of JSON holds; null for a cell without text. Throws when it is not JSON. */
export function parsedCell(cell: unknown): unknown {
  return typeof cell === 'string' ? (JSON.parse(cell) as unknown) : null;
}

/** A row of the table `audit`. The casts are the types with which the columns were filled. */
export function auditRow(row: Readonly<Record<string, unknown>>): AuditRow {
  return {
    number: row['number'] as number,
    atMs: row['at_ms'] as number,
    agentId: row['agent_id'] as AuditRow['agentId'],
    userName: row['user_name'] as string,
    action: row['action'] as AuditRow['action'],
    kind: row['kind'] as string,
    resourceId: row['resource_id'] as string,
    before: parsedCell(row['before']),
    after: parsedCell(row['after']),
    previousHash: row['previous_hash'] as string,
    hash: row['hash'] as string,
  };
}
