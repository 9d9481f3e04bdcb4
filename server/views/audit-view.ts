import type { AuditEntry } from '@parley/contract/gws/set-up.ts';
import type { AuditRow } from '../journal/journal.ts';
import type { WireFormat } from './wire-format.ts';

/** A row of the audit on the agent API. */
export function auditEntry({ atMs, agentId, ...row }: AuditRow, wire: WireFormat): AuditEntry {
  return { ...row, timestamp: wire.timestamp(atMs), userId: agentId };
}
