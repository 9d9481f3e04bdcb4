/**
 * Plays simulated worlds: `npm run simulate -- --seeds 2000 --from 1`, on all cores. A seed that fails is told with its
 * problems, and the exit code is 1; `--seed 17` plays that one alone and prints all that happened in it.
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { simulate, type SimulationReport } from './simulate.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    /** Of a child: the step from one seed to its next. */
    step: { type: 'string' },
  },
});

function whole(name: 'seeds' | 'from' | 'seed' | 'step'): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value > 0) return value;
  console.error(`--${name} must be a whole number from 1.`);
  process.exit(2);
}

/** A share of the seeds, told one by one to whoever has started this. */
async function playShare(): Promise<void> {
  const [from, step, last] = [whole('from'), whole('step'), whole('seeds')];
  for (let seed = from; seed <= last; seed += step) process.send?.(await simulate({ seed }));
  process.exit();
}

async function playOne(seed: number): Promise<void> {
  const report = await simulate({ seed, onTrace: (line) => console.log(line) });
  console.log(JSON.stringify(report, null, 2));
  process.exit(report.problems.length > 0 ? 1 : 0);
}

async function playAll(): Promise<void> {
  const [from, count] = [whole('from'), whole('seeds')];
  const startedMs = performance.now();
  const reports: SimulationReport[] = [];
  const cores = availableParallelism();
  const children = Array.from({ length: cores }, (_, at) => {
    const share = ['--from', String(from + at), '--step', String(cores), '--seeds', String(from + count - 1)];
    const child = fork(import.meta.filename, share);
    child.on('message', (report: SimulationReport) => {
      reports.push(report);
      const { seed, problems } = report;
      if (problems.length > 0) console.log(`seed ${seed}:\n  ${problems.slice(0, 5).join('\n  ')}`);
    });
    return new Promise<number | null>((resolve) => child.on('exit', resolve));
  });
  const codes = await Promise.all(children);
  const failed = reports.filter(({ problems }) => problems.length > 0);
  const sum = (name: 'acknowledged' | 'cut' | 'crashes' | 'faults'): number =>
    reports.reduce((total, report) => total + report[name], 0);
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  console.log(
    `${reports.length} worlds in ${seconds} s: ${sum('faults')} faults, ${sum('crashes')} crashes, ` +
      `${sum('acknowledged')} requests acknowledged, ${sum('cut')} cut off; ${failed.length} worlds with problems.`,
  );
  const isComplete = reports.length === count && codes.every((code) => code === 0);
  if (!isComplete) console.log('Some worlds did not come to an end.');
  process.exit(failed.length === 0 && isComplete ? 0 : 1);
}

if (values.step !== undefined) await playShare();
else if (values.seed !== undefined) await playOne(whole('seed'));
else await playAll();
