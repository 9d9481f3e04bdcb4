import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figures } from '../lib/bench-module.ts';
import { printTable } from '../lib/report.ts';
import { selfTimes, type CpuProfile } from '../push/profile.ts';
import { runOnce, type RunPlan } from './run-once.ts';

/** Runs our server with V8's sampling profiler on its main thread and prints where it spends its own time. */
export async function printProfile(plan: Omit<RunPlan, 'peer' | 'push'>): Promise<Figures> {
  const directory = mkdtempSync(join(tmpdir(), 'chat-profile-'));
  const nodeOptions = ['--cpu-prof', '--cpu-prof-interval=500', `--cpu-prof-dir=${directory}`];
  const figures = await runOnce({ ...plan, peer: 'parley', push: 'long-polling', nodeOptions });
  const file = readdirSync(directory).find((name) => name.endsWith('.cpuprofile'));
  if (file === undefined) throw new Error('the server left no profile');
  const rows = selfTimes(JSON.parse(readFileSync(join(directory, file), 'utf8')) as CpuProfile);
  rmSync(directory, { recursive: true });
  const rate = Math.round(figures.messagesPerSecond);
  printTable(`Own time with ${plan.pairs} pairs, ${rate} messages/s`, ['%', 'function', 'where'], rows);
  return {
    messagesPerSecond: rate,
    ownTime: rows.map(([percent = 0, name = '', where = '']) => ({ percent, name, where })),
  };
}
