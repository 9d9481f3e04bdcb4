import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { areas, type Area } from './areas.ts';

const here = import.meta.dirname;
const root = join(here, '../..');
const stryker = join(here, 'node_modules/@stryker-mutator');
const reports = join(here, 'reports');

/** What Stryker reports of one mutant, as far as it is read here (mutation-testing-report-schema 2). */
interface Mutant {
  readonly status: string;
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly location: { readonly start: { readonly line: number; readonly column: number } };
}

interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly Mutant[] }>>;
}

const usage = `npm run mutate -- <area> [file[:first-last] ...]
npm run mutate -- report
Areas: ${Object.keys(areas).join(', ')}. Without files, all of the area: half an hour on two cores. What has not changed
since a run, and whose tests have not, is not run again. Once before: npm ci --prefix tools/mutation`;

/** The results of an area so far. Stryker adds those of each run, and reads there what it need not run again. */
const resultsOf = (name: string): string => join(reports, `${name}.json`);

function filesOf({ mutate }: Area): readonly string[] {
  return mutate.flatMap((pattern) => globSync(pattern, { cwd: root }).toSorted());
}

/** Runs Stryker on files, or lines of them. */
function runStryker(name: string, { tests }: Area, parts: readonly string[]): void {
  const settings = {
    testRunner: 'vitest',
    plugins: [join(stryker, 'vitest-runner/dist/src/index.js')],
    vitest: { configFile: 'tools/mutation/vitest.config.ts', related: false },
    mutate: parts,
    // The names of a union are the compiler's to check, and sentences are for people.
    mutator: { excludedMutations: ['StringLiteral'] },
    coverageAnalysis: 'perTest',
    // What runs once, when a module is loaded, would need a process of its own for each mutant.
    ignoreStatic: true,
    concurrency: 2,
    incremental: true,
    incrementalFile: resultsOf(name),
    // Stryker cannot read the settings of this TypeScript, and needs none.
    tsconfigFile: 'none',
    ignorePatterns: ['data', 'docs', 'bench', 'tools/mutation/reports'],
    reporters: [],
    tempDirName: '.stryker-tmp',
  };
  const path = join(reports, `${name}-settings.json`);
  mkdirSync(reports, { recursive: true });
  writeFileSync(path, JSON.stringify(settings));
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(stryker, 'core/bin/stryker.js'), 'run', path],
    { cwd: root, env: { ...process.env, PARLEY_MUTATION_TESTS: JSON.stringify(tests) }, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`Stryker ended with ${status}\n${stdout}`);
}

const isCaught = ({ status }: Mutant): boolean => status === 'Killed' || status === 'Timeout';
const isMissed = ({ status }: Mutant): boolean => status === 'Survived' || status === 'NoCoverage';

/** The share that was noticed, of the mutants that could be run. */
function scoreOf(mutants: readonly Mutant[]): string {
  const [caught, missed] = [mutants.filter(isCaught).length, mutants.filter(isMissed).length];
  return `${caught} of ${caught + missed}, ${((100 * caught) / Math.max(1, caught + missed)).toFixed(1)} %`;
}

/** Prints the mutants that nothing noticed and the score of each file, then that of the area. */
function tell(name: string, isWanted: (file: string) => boolean): void {
  if (!existsSync(resultsOf(name))) return;
  const { files } = JSON.parse(readFileSync(resultsOf(name), 'utf8')) as Report;
  for (const [file, { mutants }] of Object.entries(files)) {
    if (!isWanted(file)) continue;
    for (const { status, mutatorName, replacement, location } of mutants.filter(isMissed))
      console.log(
        `${file}:${location.start.line}:${location.start.column} ${status} ${mutatorName} ${replacement}`,
      );
    console.log(`${file}: ${scoreOf(mutants)}`);
  }
  const all = Object.values(files).flatMap(({ mutants }) => mutants);
  console.log(`${name}: ${Object.keys(files).length} files, ${scoreOf(all)}`);
}

const [name = '', ...parts] = process.argv.slice(2);
const area = areas[name];
if (!existsSync(stryker)) console.log(usage);
else if (name === 'report') for (const one of Object.keys(areas)) tell(one, () => false);
else if (area === undefined) console.log(usage);
else {
  runStryker(name, area, parts.length > 0 ? parts : filesOf(area));
  tell(name, (file) => parts.length === 0 || parts.some((part) => part.startsWith(file)));
}
