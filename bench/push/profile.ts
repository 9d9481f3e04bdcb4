import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figures } from '../lib/bench-module.ts';
import { printTable } from '../lib/report.ts';
import { rounded } from '../lib/statistics.ts';
import { fullEffort, saturationPlan, transports } from './plan.ts';
import { runOnce } from './run-once.ts';

const shownFunctions = 30;

const profiledMs = 5_000;

export type CpuProfile = {
  endTime: number;
  startTime: number;
  nodes: {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number };
    children?: number[];
  }[];
  samples: number[];
  timeDeltas: number[];
};

/** Runs our engine at saturation with V8's sampling profiler and prints where it spends its own time. */
export async function printProfiles(): Promise<Figures> {
  const figures: Figures = {};
  for (const transport of transports) {
    const directory = mkdtempSync(join(tmpdir(), 'push-profile-'));
    const effort = { ...fullEffort, warmMs: 2_500, measureMs: profiledMs };
    const plan = saturationPlan({ peer: 'parley', transport, sessions: 1_000, effort });
    await runOnce({ ...plan, nodeOptions: ['--cpu-prof', `--cpu-prof-dir=${directory}`] });
    const file = readdirSync(directory).find((name) => name.endsWith('.cpuprofile'));
    if (file === undefined) throw new Error('the server left no profile');
    const rows = selfTimes(JSON.parse(readFileSync(join(directory, file), 'utf8')) as CpuProfile);
    rmSync(directory, { recursive: true });
    printTable(`Own time at saturation, 1,000 ${transport} sessions`, ['%', 'function', 'where'], rows);
    figures[transport] = rows.map(([percent, name, where]) => ({ percent, name, where }) as Figures);
  }
  return figures;
}

/** Own time by function as per cent of the time that was not idle, the heaviest first; start and warm-up left out. */
export function selfTimes(profile: CpuProfile): (string | number)[][] {
  const byId = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
  const times = new Map<string, { us: number; where: string; name: string }>();
  let busyUs = 0;
  let atUs = profile.startTime;
  for (const [index, id] of profile.samples.entries()) {
    const frame = byId.get(id);
    const us = profile.timeDeltas[index] ?? 0;
    atUs += us;
    if (profile.endTime - atUs > profiledMs * 1000) continue;
    if (frame === undefined || frame.functionName === '(idle)') continue;
    busyUs += us;
    const where =
      frame.url === '' ? '' : `${frame.url.replace(/^.*\/(?=[^/]+\/[^/]+$)/, '')}:${frame.lineNumber + 1}`;
    const name = frame.functionName === '' ? '(anonymous)' : frame.functionName;
    const key = `${name} ${where}`;
    const entry = times.get(key) ?? { us: 0, where, name };
    entry.us += us;
    times.set(key, entry);
  }
  return [...times.values()]
    .sort((a, b) => b.us - a.us)
    .slice(0, shownFunctions)
    .map(({ us, name, where }) => [rounded((100 * us) / busyUs, 1), name, where]);
}
