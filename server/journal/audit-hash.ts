import { createHash } from 'node:crypto';
import type { AuditRow } from './journal.ts';

/** The hash before the first row of the audit. */
export const auditOrigin = '0'.repeat(64);

/** What `hash` of the row has to be. */
export function auditHash(row: Omit<AuditRow, 'hash'>): string {
  const { number, atMs, agentId, userName, action, kind, resourceId, before, after, previousHash } = row;
  const content = [number, atMs, agentId, userName, action, kind, resourceId, before, after, previousHash];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}
