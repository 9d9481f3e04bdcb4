import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { withTables } from './configuration-page.ts';
import { schemaJson } from './json-schema.ts';
import { readConfig } from './load.ts';
import { allowedBy, type SchemaNode } from './schema-node.ts';
import { configSchema } from './schema.ts';

const docs = resolve(import.meta.dirname, '../../docs');

async function formatted(file: string, text: string): Promise<string> {
  const filepath = resolve(docs, file);
  return format(text, { ...(await resolveConfig(filepath)), filepath });
}

/** Every node of the schema with its path. */
function nodesOf(node: SchemaNode, path = ''): [string, SchemaNode][] {
  const inner = [
    ...Object.entries(node.properties ?? {}),
    ...Object.entries(node.patternProperties ?? {}),
    ...(node.items ? [['[]', node.items] as const] : []),
    ...(node.anyOf ?? []).map((one, position) => [`|${position}`, one] as const),
  ];
  return [[path, node], ...inner.flatMap(([key, one]) => nodesOf(one, `${path}/${key}`))];
}

describe('the published files', () => {
  it('hold the schema as it is', async () => {
    const found = await readFile(resolve(docs, 'parley.schema.json'), 'utf8');
    expect(found, 'run "npm run golden"').toBe(await formatted('parley.schema.json', schemaJson()));
  });

  it('list every key as it is', async () => {
    const found = await readFile(resolve(docs, 'configuration.md'), 'utf8');
    expect(found, 'run "npm run golden"').toBe(await formatted('configuration.md', withTables(found)));
    for (const [path, node] of nodesOf(configSchema as SchemaNode)) {
      if (node.description) expect(found.includes(node.description) || /\[\]|\|/.test(path), path).toBe(true);
    }
  });

  it('show an example that is accepted', async () => {
    const page = await readFile(resolve(docs, 'configuration.md'), 'utf8');
    const example = page.split('## Example')[1]?.match(/```yaml\n([^]*?)```/)?.[1] ?? '';
    expect(example).toContain('agents:');
    expect(readConfig(parse(example), { machine: { timeZone: 'UTC' } }).agents).toHaveLength(2);
  });

  it('require nothing that has a default', () => {
    const published = JSON.parse(schemaJson()) as SchemaNode;
    expect(published.required).toBeUndefined();
    expect(published.properties?.['queues']?.items?.required).toEqual(['name']);
  });
});

describe('the schema', () => {
  it('uses only what the reader understands', () => {
    const understood = new Set(
      (
        'type title description default writeOnly enum anyOf properties required additionalProperties ' +
        'patternProperties items minItems maxItems uniqueItems minimum maximum minLength maxLength pattern'
      ).split(' '),
    );
    for (const [path, node] of nodesOf(JSON.parse(JSON.stringify(configSchema)) as SchemaNode)) {
      for (const keyword of Object.keys(node)) expect(understood, `${path} ${keyword}`).toContain(keyword);
      if (node.type !== 'null') expect(allowedBy(node), path).not.toMatch(/undefined|Infinity/);
      if (node.type === 'object' && node.properties) expect(node.additionalProperties, path).toBe(false);
      if (node.anyOf)
        expect(
          node.anyOf.filter((one) => one.type !== 'null'),
          path,
        ).toHaveLength(1);
    }
  });

  it('describes every key', () => {
    for (const [path, node] of nodesOf(configSchema as SchemaNode)) {
      for (const [key, one] of Object.entries(node.properties ?? {})) {
        expect(one.description, `${path}/${key}`).toMatch(/\.$/);
      }
    }
  });
});
