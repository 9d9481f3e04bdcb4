import type { SchemaNode } from './schema-node.ts';
import { configSchema } from './schema.ts';

/** A key with a default need not be in the file; the published schema does not require it. */
function asWritten(node: SchemaNode): SchemaNode {
  const { properties, required, items, anyOf, patternProperties, ...rest } = node;
  const needed = required?.filter((key) => properties?.[key]?.default === undefined) ?? [];
  const each = (nodes: Readonly<Record<string, SchemaNode>>): Record<string, SchemaNode> =>
    Object.fromEntries(Object.entries(nodes).map(([key, one]) => [key, asWritten(one)]));
  return {
    ...rest,
    ...(properties && { properties: each(properties) }),
    ...(needed.length > 0 && { required: needed }),
    ...(items && { items: asWritten(items) }),
    ...(anyOf && { anyOf: anyOf.map(asWritten) }),
    ...(patternProperties && { patternProperties: each(patternProperties) }),
  };
}

/** The JSON Schema of the configuration file, as docs/parley.schema.json publishes it: editors check and complete with it. */
export function schemaJson(): string {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...asWritten(configSchema as SchemaNode),
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
