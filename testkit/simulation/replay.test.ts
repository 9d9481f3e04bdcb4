import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { PlantedBug } from './planted-bug.ts';
import { simulate, type SimulationReport } from './simulate.ts';

// A failure that is told with its seed plays again from it, every time: all that everybody did, and all that went wrong.
// More often by hand: PARLEY_SIMULATION_REPLAYS=100 npx vitest run testkit/simulation/replay

const plays = Number(process.env['PARLEY_SIMULATION_REPLAYS'] ?? 20);
/** Seeds in which a planted bug must show. */
const mostSeeds = 12;

async function firstFailure(planted: PlantedBug): Promise<SimulationReport> {
  for (let seed = 1; seed <= mostSeeds; seed += 1) {
    const report = await simulate({ seed, planted });
    if (report.problems.length > 0) return report;
  }
  throw new Error(`no world of ${mostSeeds} shows a bug that ${planted}`);
}

test.each(['swallows a notification', 'confirms too early'] as const)(
  `a world with a bug that %s fails in the same way ${plays} times`,
  { timeout: 60_000 + plays * 6_000 },
  async (planted) => {
    const failure = await firstFailure(planted);
    const { seed } = failure;
    for (let play = 1; play < plays; play += 1) expect(await simulate({ seed, planted })).toEqual(failure);
  },
);

test('another process plays the same world', { timeout: 120_000 }, async () => {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const seed = 12;
  const { stdout } = await promisify(execFile)(process.execPath, [main, '--seed', String(seed)]);
  const told = JSON.parse(stdout.slice(stdout.lastIndexOf('\n{\n'))) as SimulationReport;
  expect(told).toEqual(await simulate({ seed }));
});
