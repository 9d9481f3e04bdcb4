import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { canPin } from './cores.ts';
import { printed } from './report.ts';

const page = fileURLToPath(new URL('../RESULTS.md', import.meta.url));

/** The part of the page that a benchmark fills stands between these lines, so that one can be run anew alone. */
const begins = (name: string): string => `<!-- ${name} begins -->`;
const ends = (name: string): string => `<!-- ${name} ends -->`;

function machine(): string {
  const [processor] = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  const pinned = canPin() ? 'server on core 0, load on core 1' : 'not pinned';
  return `${processor?.model ?? 'unknown'}, ${cpus().length} cores, ${gigabytes} GB, Linux ${release()}, Node ${process.version}; ${pinned}`;
}

function commit(): string {
  const { stdout, status } = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : 'unknown';
}

const head = `# Results of the benchmarks

Written by \`npm run bench\`; each part says when and on what it was measured. Servers take turns in one run, so ratios count and
absolute figures do not travel. A message is about 120 characters; _durable_ means that the answer leaves after the sync.
\`others %\` is what neither server nor load used of the two cores: where it is large, the machine was busy with something else.
How each benchmark works stands in its own files under bench/.
`;

let used = 0;

/** Puts what this benchmark has printed since the last call into the page. */
export function writeResults(name: string): void {
  const tables = printed.slice(used);
  used = printed.length;
  const measured = `# ${name}\n\n${new Date().toISOString().slice(0, 10)}, commit ${commit()}; ${machine()}.`;
  const part = [begins(name), measured, ...tables, ends(name)].join('\n\n');
  const before = read();
  const [from, to] = [before.indexOf(begins(name)), before.indexOf(ends(name))];
  const after =
    from === -1
      ? `${before}\n${part}\n`
      : before.slice(0, from) + part + before.slice(to + ends(name).length);
  writeFileSync(page, after);
}

function read(): string {
  try {
    return readFileSync(page, 'utf8');
  } catch {
    return head;
  }
}
