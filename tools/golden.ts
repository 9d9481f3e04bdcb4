/**
 * Golden files: what is generated from the code and checked in, so that a change of the interface shows in a diff.
 * `node tools/golden.ts` writes them, `--check` names those that are stale and exits with 1.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { schemaJson } from '@parley/server/config/json-schema.ts';
import { format, resolveConfig } from 'prettier';
import { asyncApi } from './golden/asyncapi.ts';
import { firstDifference } from './golden/difference.ts';
import { openApi } from './golden/openapi.ts';
import { statusCodes } from './golden/status-codes.ts';

const root = resolve(import.meta.dirname, '..');

/** File → what is to stand in it; before formatting, which is done for all alike. */
const goldenFiles: Readonly<Record<string, () => string>> = {
  'openapi.json': () => JSON.stringify(openApi()),
  'asyncapi.json': () => JSON.stringify(asyncApi()),
  'docs/status-codes.md': statusCodes,
  'docs/parley.schema.json': schemaJson,
};

async function contentOf(file: string, generate: () => string): Promise<string> {
  const filepath = resolve(root, file);
  return format(generate(), { ...(await resolveConfig(filepath)), filepath });
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
  const wanted = await contentOf(file, generate);
  const found = await readOrEmpty(path);
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
