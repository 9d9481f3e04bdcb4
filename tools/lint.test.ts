import { execFile } from 'node:child_process';
import { copyFile, cp, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/**
 * Every rule of the house fires on a file that breaks it. The fixtures lie in `lint-fixtures/` as they would in the
 * repository, with `.txt` at the end so that no other tool reads them; the first line says which rule they break, or
 * `nothing`. They are linted as a copy, under the repository's own configuration.
 */
const root = resolve(import.meta.dirname, '..');
const fixtures = join(import.meta.dirname, 'lint-fixtures');

interface Diagnostic {
  /** As in `eslint(no-var)`. */
  readonly code: string;
  readonly filename: string;
}

async function fixtureFiles(): Promise<string[]> {
  const entries = await readdir(fixtures, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(fixtures, join(entry.parentPath, entry.name)))
    .toSorted();
}

async function lint(folder: string): Promise<readonly Diagnostic[]> {
  const oxlint = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint');
  const run = promisify(execFile)(process.execPath, [oxlint, '--format', 'json'], { cwd: folder });
  // It exits with 1 when it finds something, as it is meant to here.
  const { stdout } = await run.catch((error: { readonly stdout: string }) => error);
  return (JSON.parse(stdout) as { readonly diagnostics: readonly Diagnostic[] }).diagnostics;
}

const files = await fixtureFiles();
const broken = new Map(
  await Promise.all(
    files.map(async (file) => {
      const [first = ''] = (await readFile(join(fixtures, file), 'utf8')).split('\n');
      return [file.replace(/\.txt$/, ''), first.replace('// breaks: ', '')] as const;
    }),
  ),
);

let folder = '';
let diagnostics: readonly Diagnostic[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lint-fixtures-'));
  await cp(fixtures, folder, { recursive: true });
  await Promise.all(
    files.map((file) => rename(join(folder, file), join(folder, file.replace(/\.txt$/, '')))),
  );
  await copyFile(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  diagnostics = await lint(folder);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('lint', () => {
  it.each([...broken])('finds in %s: %s', (file, rule) => {
    const found = diagnostics
      .filter(({ filename }) => filename === file)
      .map(({ code }) => code.replace(/^.*\(|\)$/g, ''));
    expect([...new Set(found)]).toEqual(rule === 'nothing' ? [] : [rule]);
  });

  it('has a fixture for every rule that the configuration switches on by name', async () => {
    const text = await readFile(join(root, '.oxlintrc.json'), 'utf8');
    const config = JSON.parse(text.replace(/^\s*\/\/.*$/gm, '')) as {
      readonly rules: Readonly<Record<string, unknown>>;
      readonly overrides: readonly { readonly rules: Readonly<Record<string, unknown>> }[];
    };
    const all = [config.rules, ...config.overrides.map(({ rules }) => rules)].flatMap((rules) =>
      Object.entries(rules),
    );
    const on = all.filter(([, setting]) => setting !== 'off').map(([name]) => name.replace(/^.*\//, ''));
    const proven = new Set(broken.values());
    expect([...new Set(on)].filter((name) => !proven.has(name))).toEqual([]);
  });
});
