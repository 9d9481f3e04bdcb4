import type { QueueConfig } from './config.ts';
import { queue } from './people-schema.ts';
import { readValue } from './read-value.ts';
import type { SchemaNode } from './schema-node.ts';

/** A queue of this name with everything else as the file has it by default. Throws for a name the file could not have. */
export function queueWithDefaults(name: string): QueueConfig {
  const { value, problems } = readValue(queue as SchemaNode, { name });
  const [problem] = problems;
  if (problem) throw new Error(`queue ${name}: ${problem.sentence}`);
  // The reader returns what fits the schema.
  return value as QueueConfig;
}
