import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { TableWrite } from '../journal.ts';
import { prepareWrite } from './prepare-write.ts';

type ProvisioningWrite = Extract<TableWrite, { readonly table: 'provisioned' | 'audit' | 'response_usage' }>;

/** JSON, or SQL's null for null: `IS NULL` then finds what was deleted. */
function jsonOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

/** Writes what was changed over the API and who changed it; part of `BatchWriter`'s transaction. */
export class ProvisioningWriter {
  readonly #provisioned: StatementSync;
  readonly #audit: StatementSync;
  readonly #usage: StatementSync;

  constructor(db: DatabaseSync) {
    this.#provisioned = prepareWrite(
      db,
      'INSERT INTO provisioned (kind, id, value) VALUES (?, ?, ?) ' +
        'ON CONFLICT (kind, id) DO UPDATE SET value = excluded.value',
    );
    this.#audit = prepareWrite(
      db,
      'INSERT INTO audit (number, at_ms, agent_id, user_name, action, kind, resource_id, before, after, ' +
        'previous_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#usage = prepareWrite(
      db,
      'INSERT INTO response_usage (response_id, response_type, interaction_id, agent_id, at_ms) ' +
        'VALUES (?, ?, ?, ?, ?)',
    );
  }

  write(write: ProvisioningWrite): void {
    switch (write.table) {
      case 'provisioned': {
        const { kind, id, value } = write.row;
        this.#provisioned.run(kind, id, jsonOrNull(value));
        return;
      }
      case 'audit': {
        const { number, atMs, agentId, userName, action, kind, resourceId } = write.row;
        const { before, after, previousHash, hash } = write.row;
        const change = [jsonOrNull(before), jsonOrNull(after)];
        const who = [number, atMs, agentId, userName];
        this.#audit.run(...who, action, kind, resourceId, ...change, previousHash, hash);
        return;
      }
      case 'response_usage': {
        const { responseId, responseType, interactionId, agentId, atMs } = write.row;
        this.#usage.run(responseId, responseType, interactionId, agentId, atMs);
      }
    }
  }
}
