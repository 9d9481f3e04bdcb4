import { allowedBy, withoutNull, type SchemaNode } from './schema-node.ts';
import { configSchema } from './schema.ts';

interface Row {
  readonly key: string;
  readonly byDefault: string;
  readonly allowed: string;
  readonly description: string;
}

/** Long defaults are told in words by their description or are in the schema file. */
const longestDefault = 40;

function rowOf(key: string, node: SchemaNode, required: boolean): Row {
  const { default: byDefault, description = '' } = node;
  const shown = byDefault === undefined ? '' : JSON.stringify(byDefault);
  const short = shown.length > longestDefault ? 'see below' : `\`${shown}\``;
  return {
    key,
    byDefault: byDefault === undefined ? (required ? 'required' : 'none') : short,
    allowed: allowedBy(node),
    description,
  };
}

/** The keys of a section; those of an inner section follow its own row. */
function rowsOf(section: SchemaNode, prefix: string): Row[] {
  return Object.entries(section.properties ?? {}).flatMap(([key, node]) => {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    const { node: plain } = withoutNull(node);
    const row = rowOf(path, node, section.required?.includes(key) ?? false);
    if (plain.properties) return [row, ...rowsOf(plain, path)];
    if (plain.items?.properties) return [row, ...rowsOf(plain.items, `${path}[]`)];
    return [row];
  });
}

function table(rows: readonly Row[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const lines = rows.map(({ key, byDefault, allowed, description }) => {
    return `| \`${key}\` | ${cell(byDefault)} | ${cell(allowed)} | ${cell(description)} |`;
  });
  return ['| key | default | allowed | what it is |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

/** Every key of the configuration as Markdown: the plain keys first, then a table for each section. */
export function configurationTables(): string {
  const { properties = {}, required = [] } = configSchema as SchemaNode;
  const isSection = (node: SchemaNode): boolean =>
    node.properties !== undefined || node.items?.properties !== undefined;
  const plain = Object.entries(properties).filter(([, node]) => !isSection(node));
  const sections = Object.entries(properties).filter(([, node]) => isSection(node));
  const parts = [table(plain.map(([key, node]) => rowOf(key, node, required.includes(key))))];
  for (const [key, node] of sections) {
    const list = node.items !== undefined;
    const rows = rowsOf(list ? (node.items ?? {}) : node, list ? `${key}[]` : key);
    parts.push(`### ${key}\n\n${node.description ?? ''}\n\n${table(rows)}`);
  }
  return parts.join('\n\n');
}

const begin = '<!-- The tables are generated from the schema: npm run golden -->';
const end = '<!-- End of the tables -->';

/** The page docs/configuration.md with its tables brought up to date. Throws when the page has lost its marks. */
export function withTables(page: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page has no "${begin}" … "${end}"`);
  return `${page.slice(0, from)}${begin}\n\n${configurationTables()}\n\n${page.slice(to)}`;
}
