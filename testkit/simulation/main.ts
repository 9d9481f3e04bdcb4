/**
 * Plays simulated worlds: `npm run simulate -- --seeds 2000 --from 1`, on all cores. A seed that fails is told with its
 * problems, and the exit code is 1; `--seed 17` plays that one alone and prints all that happened in it.
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { Refusals } from './answer-check.ts';
import { simulate, type SimulationReport } from './simulate.ts';
import type { NetworkCounts } from './simulated-network.ts';

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

/** A world that takes so long does not come to an end: it takes a tenth of a second. */
const hangsAfterMs = 60_000;

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

/**
 * Starts a process that plays every `step`th seed, and hears what each came to. Whether all were played to their end; one
 * in which nothing goes on any more is told and stopped.
 */
function playElsewhere(
  share: { readonly from: number; readonly step: number; readonly last: number },
  onReport: (report: SimulationReport) => void,
): Promise<boolean> {
  const { step, last } = share;
  let next = share.from;
  const numbers = ['--from', String(next), '--step', String(step), '--seeds', String(last)];
  const child = fork(import.meta.filename, numbers);
  const stop = (): void => {
    console.log(`seed ${next}: the world does not come to an end.`);
    child.kill('SIGKILL');
  };
  let watch = setTimeout(stop, hangsAfterMs);
  child.on('message', (report: SimulationReport) => {
    clearTimeout(watch);
    next = report.seed + step;
    if (next <= last) watch = setTimeout(stop, hangsAfterMs);
    onReport(report);
  });
  return new Promise((resolve) =>
    child.on('exit', (code) => {
      clearTimeout(watch);
      resolve(code === 0 && next > last);
    }),
  );
}

async function playAll(): Promise<void> {
  const [from, count] = [whole('from'), whole('seeds')];
  const startedMs = performance.now();
  const reports: SimulationReport[] = [];
  const cores = Math.min(availableParallelism(), count);
  const onReport = (report: SimulationReport): void => {
    reports.push(report);
    const { seed, problems } = report;
    if (problems.length > 0) console.log(`seed ${seed}:\n  ${problems.slice(0, 5).join('\n  ')}`);
  };
  const shares = Array.from({ length: cores }, (_, at) => ({
    from: from + at,
    step: cores,
    last: from + count - 1,
  }));
  const isPlayed = await Promise.all(shares.map((share) => playElsewhere(share, onReport)));
  const failed = reports.filter(({ problems }) => problems.length > 0);
  const sum = (
    name: 'acknowledged' | 'cut' | 'crashes' | 'faults' | 'gone' | 'left' | 'simulatedMs',
  ): number => reports.reduce((total, report) => total + report[name], 0);
  const onNetwork = (name: keyof NetworkCounts): number =>
    reports.reduce((total, { network }) => total + network[name], 0);
  const tookMs = performance.now() - startedMs;
  const hours = (sum('simulatedMs') / 3_600_000).toFixed(1);
  const timesReal = Math.round(sum('simulatedMs') / tookMs);
  console.log(
    `${reports.length} worlds in ${Math.round(tookMs / 1000)} s: ${hours} hours of their time, ${timesReal} times as ` +
      `fast as real; ${sum('faults')} faults, ${sum('crashes')} crashes, ${sum('gone')} agents gone and back, ${sum('acknowledged')} requests acknowledged, ` +
      `${sum('cut')} cut off; ${failed.length} worlds with problems.`,
  );
  console.log(
    `On the network: ${onNetwork('broken')} requests, answers and held connections lost, ${onNetwork('doubled')} requests ` +
      `doubled, ${onNetwork('sessions')} push sessions begun.`,
  );
  const refused = (name: keyof Refusals): number =>
    reports.reduce((total, { refusals }) => total + refusals[name], 0);
  console.log(
    `Without room: ${refused('unavailable')} requests refused, ${refused('unconfirmed')} answered before anybody knew. ` +
      `${sum('left')} chats left behind by agents who went home.`,
  );
  const isComplete = reports.length === count && isPlayed.every(Boolean);
  if (!isComplete) console.log('Some worlds did not come to an end.');
  process.exit(failed.length === 0 && isComplete ? 0 : 1);
}

if (values.step !== undefined) await playShare();
else if (values.seed !== undefined) await playOne(whole('seed'));
else await playAll();
