import type { AgentId } from '../../domain/ids.ts';
import type { AuditPage, AuditRow, ProvisionedRow } from '../journal.ts';
import type { Ask, Row } from './reads.ts';
import { restored, storable } from './stored-text.ts';

// The casts below are the types with which `provisioningStatement` filled the columns.

const maxAuditRows = 1_000;

function parsed(value: Row[string] | undefined): unknown {
  return typeof value === 'string' ? (JSON.parse(value) as unknown) : null;
}

/** All that was changed over the API. */
export async function provisionedRows(ask: Ask): Promise<readonly ProvisionedRow[]> {
  const rows = await ask('SELECT kind, id, value FROM provisioned ORDER BY kind, id');
  return rows.map((row) => ({
    kind: restored(row['kind'] as string),
    id: restored(row['id'] as string),
    value: parsed(row['value']),
  }));
}

/** The newest row of the audit. */
export async function lastAudit(ask: Ask): Promise<AuditRow | null> {
  const [row] = await ask('SELECT * FROM audit ORDER BY number DESC LIMIT 1');
  return row ? auditRow(row) : null;
}

/** A page of the audit, oldest first. */
export async function auditRows(ask: Ask, { after, limit }: AuditPage): Promise<readonly AuditRow[]> {
  const count = Math.max(1, Math.min(Math.trunc(limit), maxAuditRows));
  const rows = await ask('SELECT * FROM audit WHERE number > $1 ORDER BY number LIMIT $2', [after, count]);
  return rows.map(auditRow);
}

/** How often a standard response was used, by the type of use. */
export async function responseUsage(ask: Ask, responseId: string): Promise<Readonly<Record<string, number>>> {
  const sql =
    'SELECT response_type, count(*) AS uses FROM response_usage WHERE response_id = $1 GROUP BY response_type';
  const rows = await ask(sql, [storable(responseId)]);
  return Object.fromEntries(
    rows.map((row) => [restored(row['response_type'] as string), row['uses'] as number]),
  );
}

function auditRow(row: Row): AuditRow {
  const text = (column: string): string => restored(row[column] as string);
  return {
    number: row['number'] as number,
    atMs: row['at_ms'] as number,
    agentId: text('agent_id') as AgentId,
    userName: text('user_name'),
    action: text('action') as AuditRow['action'],
    kind: text('kind'),
    resourceId: text('resource_id'),
    before: parsed(row['before']),
    after: parsed(row['after']),
    previousHash: text('previous_hash'),
    hash: text('hash'),
  };
}
