import { createHash } from 'node:crypto';

/** A UUID (version 8) made of a name, for what has no id of its own: it outlives restarts and edits of anything else. */
export function idOfName(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The ids under which the set-up's named things are found on the wire. */
export const wireIds = {
  skill: (name: string): string => idOfName(`skill:${name}`),
  queue: (name: string): string => idOfName(`queue:${name}`),
  contact: (name: string): string => idOfName(`contact:${name}`),
  service: (type: string): string => idOfName(`service:${type}`),
  workbin: (agentId: string): string => idOfName(`workbin:${agentId}`),
  businessUnit: (name: string): string => `2-${idOfName(`business-unit:${name}`)}`,
} as const;
