/** The part of JSON Schema that the configuration's schema uses; a test holds the schema to it. */
export interface SchemaNode {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null';
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly writeOnly?: boolean;
  readonly enum?: readonly string[];
  /** Always `[something, null]`. */
  readonly anyOf?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false;
  /** A map by name: one pattern that allows every key. */
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

/** The schema of a nullable key without its null, or the node itself. */
export function withoutNull(node: SchemaNode): { readonly node: SchemaNode; readonly nullable: boolean } {
  const inner = node.anyOf?.find((one) => one.type !== 'null');
  return inner ? { node: inner, nullable: true } : { node, nullable: false };
}

function lengths(node: SchemaNode, what: string): string {
  const least = node.minLength ?? 0;
  return node.maxLength === undefined ? what : `${what} of ${least} to ${node.maxLength} characters`;
}

/** What the node allows, in words: "a whole number from 0 to 65535". */
export function allowedBy(schema: SchemaNode): string {
  const { node, nullable } = withoutNull(schema);
  return nullable ? `${allowedBy(node)}, or null` : describe(node);
}

function describe(node: SchemaNode): string {
  if (node.title !== undefined && node.type !== 'object') return node.title;
  if (node.enum) return node.enum.map((value) => `"${value}"`).join(', ');
  switch (node.type) {
    case 'integer':
      return `a whole number from ${node.minimum} to ${node.maximum}`;
    case 'number':
      return `a number from ${node.minimum} to ${node.maximum}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return lengths(node, 'text');
    case 'array': {
      const least = node.minItems ?? 0;
      const most = node.maxItems === undefined ? '' : ` of at most ${node.maxItems}`;
      return least > 0 ? `a list${most} with at least ${least} entry` : `a list${most}`;
    }
    case 'object':
      return node.properties
        ? `a section with the keys ${Object.keys(node.properties).join(', ')}`
        : 'a section of names and values';
    default:
      throw new Error('the configuration schema has a node without a type');
  }
}
