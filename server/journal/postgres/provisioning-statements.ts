import type { TableWrite } from '../journal.ts';
import { statement, type Statement } from './statement.ts';

type ProvisioningWrite = Extract<TableWrite, { readonly table: 'provisioned' | 'audit' | 'response_usage' }>;

const storeProvisioned = statement(
  'store_provisioned',
  'INSERT INTO provisioned (kind, id, value) VALUES ($1, $2, $3) ON CONFLICT (kind, id) DO UPDATE SET value = excluded.value',
);
const addAudit = statement(
  'add_audit',
  `INSERT INTO audit (number, at_ms, agent_id, user_name, action, kind, resource_id, before, after, previous_hash, hash)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
);
const addUsage = statement(
  'add_usage',
  `INSERT INTO response_usage (response_id, response_type, interaction_id, agent_id, at_ms)
   VALUES ($1, $2, $3, $4, $5)`,
);

/** JSON, or SQL's null for null: `IS NULL` then finds what was deleted. */
function jsonOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

/** What writes a change made over the API, or the row that tells who made it. */
export function provisioningStatement(write: ProvisioningWrite): Statement {
  switch (write.table) {
    case 'provisioned':
      return storeProvisioned(write.row.kind, write.row.id, jsonOrNull(write.row.value));
    case 'audit': {
      const { number, atMs, agentId, userName, action, kind, resourceId } = write.row;
      const { before, after, previousHash, hash } = write.row;
      const change = [jsonOrNull(before), jsonOrNull(after)];
      return addAudit(
        number,
        atMs,
        agentId,
        userName,
        action,
        kind,
        resourceId,
        ...change,
        previousHash,
        hash,
      );
    }
    case 'response_usage': {
      const { responseId, responseType, interactionId, agentId, atMs } = write.row;
      return addUsage(responseId, responseType, interactionId, agentId, atMs);
    }
  }
}
