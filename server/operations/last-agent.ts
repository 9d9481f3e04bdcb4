import type { ContactRow } from '../journal/journal.ts';
import type { Operations } from './operations.ts';

/** Who served a contact last, under the original's names: for the last medium, and for chat, the only one here. */
export interface LastAgentAttributes {
  readonly LastCalledAgent_EmployeeID: string;
  readonly LastCalledAgent_TimeStamp: string;
  readonly LCA_EmplID_chat: string;
  readonly LCA_TimeStamp_chat: string;
}

/** The last-agent attributes of a profile (gws-agent-api §7.1): none while the agent is not known, or is gone. */
export function lastAgentAttributes(
  { lastAgentId, lastAgentAtMs }: Pick<ContactRow, 'lastAgentId' | 'lastAgentAtMs'>,
  people: Operations['people'],
): LastAgentAttributes | Record<never, never> {
  const agent = lastAgentId === null ? undefined : people.get(lastAgentId);
  if (!agent || lastAgentAtMs === null) return {};
  const { employeeId } = agent;
  const time = new Date(lastAgentAtMs).toISOString().replace(/\.\d+Z$/, 'Z');
  return {
    LastCalledAgent_EmployeeID: employeeId,
    LastCalledAgent_TimeStamp: time,
    LCA_EmplID_chat: employeeId,
    LCA_TimeStamp_chat: time,
  };
}

/** Their keys in the user data of a chat. */
export const lastAgentKeys = [
  'LastCalledAgent_EmployeeID',
  'LastCalledAgent_TimeStamp',
  'LCA_EmplID_chat',
  'LCA_TimeStamp_chat',
] as const satisfies readonly (keyof LastAgentAttributes)[];
