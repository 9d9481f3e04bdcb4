import { cpus } from 'node:os';
import type { BenchOptions, Figures } from '../lib/bench-module.ts';
import { canPin } from '../lib/cores.ts';
import { printGoals, printTable } from '../lib/report.ts';
import { median, rounded } from '../lib/statistics.ts';
import { pushGoals } from './goals.ts';
import { peersOver } from './peer-list.ts';
import * as plan from './plan.ts';
import { printProfiles } from './profile.ts';
import { Cells, cellFigures, cellHeader, cellRow, memoryFigures, middle } from './results.ts';
import type { Cell, MemoryCell } from './results.ts';
import { measureMemory, runOnce } from './run-once.ts';
import type { RunPlan } from './run-once.ts';

/** What other processes may take of the two cores, in per cent of one, before the figures come with a warning. */
const quietPercent = 15;

/**
 * Measures the push engine beside faye, cometd-nodejs-server and the bare transport, the server on one core and the load
 * on the other. `--profile` prints instead where our engine spends its time.
 */
export async function run({ quick, rest }: BenchOptions): Promise<Figures> {
  if (rest.includes('--profile')) return printProfiles();
  const effort = quick ? plan.quickEffort : plan.fullEffort;
  const startMs = performance.now();
  console.log(
    `push: ${effort.rounds} round(s), ${canPin() ? 'server on core 0, load on core 1' : 'NOT pinned'}`,
  );

  const saturation = new Cells();
  const openLoop = new Cells();
  const tabs = new Cells();
  for (let round = 0; round < effort.rounds; round += 1) {
    await runSaturation(saturation, effort);
    await runOpenLoop(openLoop, round, effort);
    for (const count of [1, 2] as const) await addRun(tabs, plan.tabsPlan(count, effort), count);
  }
  const echo = new Cells();
  for (const transport of plan.transports) await addRun(echo, plan.echoPlan(transport, effort));
  const memory = await runMemory(effort);

  print({ saturation, openLoop, tabs, echo, memory, idleSessions: effort.idleSessions });
  // The sessions of a tabs cell are the number of tabs that share a browser.
  const oneTab = tabs.find('parley', 'long-polling', 1) as Cell;
  const twoTabs = tabs.find('parley', 'long-polling', 2) as Cell;
  const goals = pushGoals({ saturation, openLoop, memory, oneTab, twoTabs });
  const title = quick ? 'Goals (short run: rough figures)' : `Goals (median of ${effort.rounds})`;
  printGoals(title, goals);
  const others = median(saturation.all.map((cell) => middle(cell, 'others')));
  if (others > quietPercent) {
    console.log(
      `\nOther work took ${Math.round(others)} % of a core meanwhile: trust the ratios, not the latencies.`,
    );
  }
  const seconds = (performance.now() - startMs) / 1000;
  console.log(`\ntook ${Math.round(seconds)} s`);
  return {
    machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}`,
    pinned: canPin(),
    quick,
    rounds: effort.rounds,
    seconds: rounded(seconds, 0),
    othersCpuPercent: Math.round(others),
    saturation: saturation.all.map(cellFigures),
    openLoop: openLoop.all.map(cellFigures),
    tabs: tabs.all.map(cellFigures),
    echo: echo.all.map(cellFigures),
    memory: memory.map(memoryFigures),
    goals: goals.map(({ goal, figure, met }) => ({ goal, figure, met: met ?? null })),
  };
}

async function runSaturation(cells: Cells, effort: plan.Effort): Promise<void> {
  for (const transport of plan.transports) {
    for (const sessions of plan.sessionCounts) {
      for (const peer of peersOver(transport)) {
        await addRun(cells, plan.saturationPlan({ peer, transport, sessions, effort }));
      }
    }
  }
}

async function runOpenLoop(cells: Cells, round: number, effort: plan.Effort): Promise<void> {
  for (const transport of plan.transports) {
    for (const peer of plan.openLoopPeers(transport, round, effort)) {
      await addRun(cells, plan.openLoopPlan(peer, transport, effort));
    }
  }
}

async function addRun(cells: Cells, runPlan: RunPlan, sessions = runPlan.sessions): Promise<void> {
  const figures = await runOnce(runPlan);
  cells.add({ peer: runPlan.peer, transport: runPlan.transport, sessions }, figures);
  const perCpu = Math.round(figures.deliveriesPerCpuSecond);
  const p99 = rounded(figures.p99Ms);
  console.log(
    `  ${runPlan.load} ${runPlan.transport} ${sessions} ${runPlan.peer}: ${perCpu}/CPU-s, p99 ${p99} ms`,
  );
}

async function runMemory(effort: plan.Effort): Promise<MemoryCell[]> {
  const cells: MemoryCell[] = [];
  for (const transport of plan.transports) {
    for (const peer of peersOver(transport)) {
      cells.push({ peer, transport, memory: await measureMemory(plan.idlePlan(peer, transport, effort)) });
    }
  }
  return cells;
}

type Printed = {
  saturation: Cells;
  openLoop: Cells;
  tabs: Cells;
  echo: Cells;
  memory: MemoryCell[];
  idleSessions: number;
};

function print({ saturation, openLoop, tabs, echo, memory, idleSessions }: Printed): void {
  printTable(
    'Saturation: closed loop, each message published by one of the two that receive it',
    cellHeader,
    saturation.all.map(cellRow),
  );
  printTable('Open loop: 8,000 deliveries/s, published in the server', cellHeader, openLoop.all.map(cellRow));
  printTable('Tabs of one browser (sessions = tabs that share a cookie)', cellHeader, tabs.all.map(cellRow));
  printTable('Echo: the bare server sends back what it gets', cellHeader, echo.all.map(cellRow));
  const rows = memory.map(({ peer, transport, memory: each }) => [
    peer,
    transport,
    Math.round(each.heapPerSession),
    Math.round(each.heapAndExternalPerSession),
    Math.round(each.rssPerSession),
  ]);
  const header = ['server', 'transport', 'heap', 'heap + external', 'RSS'];
  printTable(`Memory: bytes per idle session at ${idleSessions.toLocaleString('en')}`, header, rows);
}
