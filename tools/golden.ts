/**
 * Golden files: what is generated from the code and checked in, so that a change of the interface shows in a diff.
 * `node tools/golden.ts` writes them, `--check` names those that are stale and exits with 1.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { withTables } from '@parley/server/config/configuration-page.ts';
import { schemaJson } from '@parley/server/config/json-schema.ts';
import { format, resolveConfig } from 'prettier';
import { asyncApi } from './golden/asyncapi.ts';
import { firstDifference } from './golden/difference.ts';
import { openApi } from './golden/openapi.ts';
import { statusCodes } from './golden/status-codes.ts';

const root = resolve(import.meta.dirname, '..');

/** File → what is to stand in it, given what stands in it; before formatting, which is done for all alike. */
const goldenFiles: Readonly<Record<string, (found: string) => string>> = {
  'openapi.json': () => JSON.stringify(openApi()),
  'asyncapi.json': () => JSON.stringify(asyncApi()),
  'docs/status-codes.md': statusCodes,
  'docs/parley.schema.json': schemaJson,
  'docs/configuration.md': withTables,
};

async function formatted(filepath: string, text: string): Promise<string> {
  return format(text, { ...(await resolveConfig(filepath)), filepath });
}

async function readOrEmpty(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

const isCheck = process.argv.includes('--check');
let stale = 0;
for (const [file, generate] of Object.entries(goldenFiles)) {
  const path = resolve(root, file);
  const found = await readOrEmpty(path);
  const wanted = await formatted(path, generate(found));
  if (found === wanted) continue;
  stale += 1;
  if (isCheck) {
    console.error(`${file} is stale; run "npm run golden".\n${firstDifference(found, wanted)}`);
    continue;
  }
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, wanted);
  console.log(`${file} written`);
}
if (isCheck && stale > 0) process.exitCode = 1;
