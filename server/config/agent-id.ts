import { createHash } from 'node:crypto';
import type { AgentId } from '../domain/ids.ts';

/**
 * The id of an agent whose configuration names none: the first 32 hex digits of SHA-256 of the contact centre's id,
 * ":" and the user name. It stays the same as long as those two do, on every node and after every restart.
 */
export function deriveAgentId(contactCenterId: string, userName: string): AgentId {
  const digest = createHash('sha256').update(`${contactCenterId}:${userName}`).digest('hex');
  return digest.slice(0, 32) as AgentId;
}
