import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figures } from '../lib/bench-module.ts';
import { threadSeconds } from '../lib/cores.ts';
import { printTable } from '../lib/report.ts';
import { rounded } from '../lib/statistics.ts';
import { selfTimes, type CpuProfile } from '../push/profile.ts';
import type { PeerName } from './orders.ts';
import { kinds, sharesByKind, type Kind } from './profile-kinds.ts';
import { runOnce, type RunFigures } from './run-once.ts';

/** Long enough for V8 to have compiled what is hot. */
const warmMs = 10_000;
const measureMs = 5_000;
const pairs = 50;

const profiled = [
  { peer: 'bare', title: 'bare limit' },
  { peer: 'parley', title: 'Parley' },
  { peer: 'cometd-nodejs-server', title: 'cometd-nodejs-server' },
] as const satisfies readonly { peer: PeerName; title: string }[];

type Profiled = { figures: RunFigures; main: CpuProfile; threads: Readonly<Record<string, number>> };

/**
 * Where a message's processor time goes, over long-polling on the embedded store, beside the bare limit and a server that
 * keeps nothing: so what a goal is made of, and how much of it is ours. Sampling costs every server about a tenth.
 */
export async function printProfile(): Promise<Figures> {
  const columns: { title: string; us: Readonly<Record<Kind, number>> }[] = [];
  const ownTimes: (string | number)[][] = [];
  for (const { peer, title } of profiled) {
    const run = await profileOf(peer);
    columns.push({ title, us: microsecondsByKind(run) });
    if (peer === 'parley') ownTimes.push(...selfTimes(run.main));
  }
  const row = (name: string, of: (us: Readonly<Record<Kind, number>>) => number): (string | number)[] => [
    name,
    ...columns.map(({ us }) => rounded(of(us), 1)),
  ];
  const names = Object.keys(kinds) as Kind[];
  printTable(
    `Processor time of a message with ${pairs} pairs over long-polling, µs`,
    ['spent in', ...columns.map(({ title }) => title)],
    [
      ...names.map((name) => row(kinds[name], (us) => us[name])),
      row('all of it', (us) => names.reduce((sum, name) => sum + us[name], 0)),
    ],
  );
  printTable("Parley's main thread: own time by function", ['%', 'function', 'where'], ownTimes);
  return Object.fromEntries(columns.map(({ title, us }) => [title, us]));
}

async function profileOf(peer: PeerName): Promise<Profiled> {
  const directory = mkdtempSync(join(tmpdir(), 'chat-profile-'));
  try {
    const nodeOptions = ['--cpu-prof', '--cpu-prof-interval=500', `--cpu-prof-dir=${directory}`];
    const readings: ReturnType<typeof threadSeconds>[] = [];
    const onReading = (pid: number): void => void readings.push(threadSeconds(pid));
    const plan = { peer, push: 'long-polling', pairs, warmMs, measureMs, nodeOptions, onReading } as const;
    const figures = await runOnce(plan);
    const [before = {}, after = {}] = readings;
    const threads = Object.fromEntries(
      Object.entries(after).map(([name, seconds]) => [name, seconds - (before[name] ?? 0)]),
    );
    return { figures, main: mainThreadIn(directory), threads };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Node names a profile `CPU.date.time.process.thread.number.cpuprofile`; thread 0 is the main one. */
function mainThreadIn(directory: string): CpuProfile {
  const file = readdirSync(directory).find((name) => name.split('.')[4] === '0');
  if (file === undefined) throw new Error('the server left no profile of its main thread');
  return JSON.parse(readFileSync(join(directory, file), 'utf8')) as CpuProfile;
}

/** The main thread's time by what it was spent in, and that of the other threads by what they are there for. */
function microsecondsByKind({ figures, main, threads }: Profiled): Record<Kind, number> {
  const all = Object.values(threads).reduce((sum, seconds) => sum + seconds, 0);
  const { 'v8:ProfEvntProc': _profiler, ...ofServer } = threads;
  const us = (seconds: number): number => (figures.cpuUsPerMessage * seconds) / all;
  const { 'node-MainThread': onMain = 0, 'node-V8Worker': inV8 = 0, ...rest } = ofServer;
  const shares = sharesByKind(main, measureMs);
  const spent = Object.fromEntries(
    Object.entries(shares).map(([kind, share]) => [kind, us(onMain) * share]),
  ) as Record<Kind, number>;
  spent.v8 += us(inV8);
  spent.store += us(Object.values(rest).reduce((sum, seconds) => sum + seconds, 0));
  return spent;
}
