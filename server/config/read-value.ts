import { suggestion } from './near-miss.ts';
import type { ConfigPath, Problem } from './problem.ts';
import { allowedBy, withoutNull, type SchemaNode } from './schema-node.ts';

/** A value read from outside, of which nothing is known but that it came out of a parser. */
export type Raw = unknown;

function isSection(value: Raw): value is Record<string, Raw> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What was found, short enough for a sentence. */
function found(value: Raw): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (isSection(value)) return 'a section';
  if (typeof value === 'string') {
    return value.length > 60 ? `text of ${value.length} characters` : `${JSON.stringify(value)} (text)`;
  }
  return String(value);
}

/** Where the reader stands, and where it writes down what is wrong. */
interface Place {
  readonly path: ConfigPath;
  readonly problems: Problem[];
}

function within(place: Place, step: string | number): Place {
  return { path: [...place.path, step], problems: place.problems };
}

/**
 * Reads a value by the schema: fills in the defaults and collects every problem. The result is a fresh tree of plain
 * objects and lists, and fits the schema if there was no problem. Keys come out in the schema's order.
 */
export function readValue(
  schema: SchemaNode,
  value: Raw,
): { readonly value: unknown; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  return { value: read(schema, value, { path: [], problems }), problems };
}

function read(schema: SchemaNode, value: Raw, place: Place): unknown {
  const { node, nullable } = withoutNull(schema);
  if (nullable && value === null) return null;
  const wrong = (): undefined => {
    const what = schema.writeOnly ? 'this value' : found(value);
    const meant = node.enum && typeof value === 'string' ? suggestion(value, node.enum) : '';
    place.problems.push({
      path: place.path,
      sentence: `found ${what};${meant} allowed: ${allowedBy(schema)}`,
    });
    return undefined;
  };
  if (node.enum) return node.enum.includes(value as string) ? value : wrong();
  switch (node.type) {
    case 'object':
      if (!isSection(value)) return wrong();
      return node.properties ? readSection(node, value, place) : readMap(node, value, place);
    case 'array':
      return Array.isArray(value) && fitsList(node, value) ? readList(node, value, place) : wrong();
    case 'string':
      return typeof value === 'string' && fitsText(node, value) ? value : wrong();
    case 'integer':
      return Number.isInteger(value) && fitsBounds(node, value as number) ? value : wrong();
    case 'number':
      return Number.isFinite(value) && fitsBounds(node, value as number) ? value : wrong();
    case 'boolean':
      return typeof value === 'boolean' ? value : wrong();
    default:
      throw new Error('the configuration schema has a node without a type');
  }
}

function fitsBounds(node: SchemaNode, value: number): boolean {
  return value >= (node.minimum ?? -Infinity) && value <= (node.maximum ?? Infinity);
}

/** Lengths count Unicode characters, as JSON Schema does. */
function fitsText(node: SchemaNode, value: string): boolean {
  const most = node.maxLength ?? Infinity;
  if (value.length > 2 * most) return false;
  const length = [...value].length;
  if (length < (node.minLength ?? 0) || length > most) return false;
  return node.pattern === undefined || new RegExp(node.pattern, 'u').test(value);
}

function fitsList(node: SchemaNode, value: readonly Raw[]): boolean {
  return value.length >= (node.minItems ?? 0) && value.length <= (node.maxItems ?? Infinity);
}

function readList(node: SchemaNode, value: readonly Raw[], place: Place): unknown[] {
  const items = node.items;
  if (!items) throw new Error('a list of the configuration schema has no items');
  const firstAt = new Map<Raw, number>();
  return value.map((entry, position) => {
    const at = within(place, position);
    const first = firstAt.get(entry);
    if (node.uniqueItems && first !== undefined) {
      place.problems.push({
        path: at.path,
        sentence: `${found(entry)} is in the list twice (also at [${first}])`,
      });
    } else firstAt.set(entry, position);
    return read(items, entry, at);
  });
}

function readMap(node: SchemaNode, value: Record<string, Raw>, place: Place): Record<string, unknown> {
  const schema = Object.values(node.patternProperties ?? {})[0];
  if (!schema) throw new Error('a map of the configuration schema has no values');
  const result: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) {
    const at = within(place, key);
    // Assigned, this key would change the object's prototype instead of its contents.
    if (key === '__proto__')
      place.problems.push({ path: at.path, sentence: 'this name is not allowed', ofKey: true });
    else result[key] = read(schema, entry, at);
  }
  return result;
}

function readSection(node: SchemaNode, value: Record<string, Raw>, place: Place): Record<string, unknown> {
  const properties = node.properties ?? {};
  const names = Object.keys(properties);
  for (const key of Object.keys(value)) {
    if (names.includes(key)) continue;
    const sentence = `unknown key;${suggestion(key, names)} allowed: ${names.join(', ')}`;
    place.problems.push({ path: [...place.path, key], sentence, ofKey: true });
  }
  const result: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(properties)) {
    const at = within(place, key);
    if (Object.hasOwn(value, key)) result[key] = read(schema, value[key], at);
    else if (schema.default !== undefined) result[key] = read(schema, schema.default, at);
    else if (node.required?.includes(key)) {
      place.problems.push({ path: at.path, sentence: `missing; needed: ${allowedBy(schema)}` });
    }
  }
  return result;
}
