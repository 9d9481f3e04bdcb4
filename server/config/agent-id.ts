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

/**
 * The id of a standard response whose configuration names none: a UUID (version 8) made of category, name and language,
 * so that it outlives restarts and edits of its text.
 */
export function deriveResponseId(response: {
  readonly category: string;
  readonly name: string;
  readonly language: string;
}): string {
  const { category, name, language } = response;
  const hex = createHash('sha256')
    .update(JSON.stringify(['response', category, name, language]))
    .digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
