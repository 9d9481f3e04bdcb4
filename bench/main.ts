import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchModule, Figures } from './lib/bench-module.ts';
import { writeResults } from './lib/results-page.ts';

/** Every benchmark by the name it is asked for with, loaded only when it runs. */
const benches: Record<string, () => Promise<BenchModule>> = {
  chat: () => import('./chat/main.ts'),
  customers: () => import('./customers/main.ts'),
  growth: () => import('./growth/main.ts'),
  overload: () => import('./overload/main.ts'),
  push: () => import('./push/main.ts'),
  journal: () => import('./journal.ts'),
  routing: () => import('./routing.ts'),
  upload: () => import('./customers/upload.ts'),
  soak: () => import('./soak/main.ts'),
};

const args = process.argv.slice(2);
const names = args.filter((arg) => !arg.startsWith('--'));
const unknown = names.find((name) => !Object.hasOwn(benches, name));
if (unknown !== undefined) {
  console.error(`No benchmark "${unknown}". There are: ${Object.keys(benches).join(', ')}.`);
  process.exit(2);
}

const options = { quick: args.includes('--quick'), rest: args.filter((arg) => arg.startsWith('--')) };
// Most of a short run is the start of its processes: compiled code that is kept halves it.
if (options.quick) process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'node-compile-cache');
const figures: Figures = {};
for (const name of names.length > 0 ? names : Object.keys(benches)) {
  const load = benches[name] as () => Promise<BenchModule>;
  const startedMs = performance.now();
  figures[name] = await (await load()).run(options);
  console.log(`\n${name} took ${Math.round((performance.now() - startedMs) / 1000)} s\n`);
  const part = options.rest.includes('--profile') ? `${name}, profile` : name;
  // A short run is a smoke test: its figures stand nowhere.
  if (!options.quick) writeResults(part);
}
// The last line is for programs: one JSON object with the figures of every benchmark that ran, by name.
console.log(JSON.stringify(figures));
