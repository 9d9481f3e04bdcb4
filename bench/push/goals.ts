import type { Goal } from '../lib/report.ts';
import type { TransportName } from './orders.ts';
import type { PeerName } from './peer-list.ts';
import { sessionCounts, transports } from './plan.ts';
import { middle, ratio, sum } from './results.ts';
import type { Cell, Cells, MemoryCell } from './results.ts';

const bareShare = 0.85;
const atLeast: Record<TransportName, Partial<Record<PeerName, number>>> = {
  'long-polling': { faye: 2, 'cometd-nodejs-server': 1.5, bare: bareShare },
  websocket: { faye: 1.7, bare: bareShare },
};
const heapBytesPerSession = 6_000;
const openLoopP99Ms = 15;
/** A second tab may cost what two measurements of one thing differ by; the penalty it must not pay is 2,000 ms. */
const tabSlackMs = { p50: 1, p99: 5 };

/** What the benchmark measured, as far as it got. */
export type Measured = {
  saturation: Cells;
  openLoop: Cells;
  memory: MemoryCell[];
  oneTab: Cell;
  twoTabs: Cell;
};

/** Each goal of the push engine beside its figure. */
export function pushGoals(measured: Measured): Goal[] {
  return [
    ...ratioGoals(measured.saturation),
    ...memoryGoals(measured.memory),
    ...openLoopGoals(measured.openLoop),
    tabsGoal(measured.oneTab, measured.twoTabs),
    deliveryGoal([...measured.saturation.all, ...measured.openLoop.all, measured.oneTab, measured.twoTabs]),
  ];
}

function ratioGoals(cells: Cells): Goal[] {
  const goals: Goal[] = [];
  for (const transport of transports) {
    for (const sessions of sessionCounts) {
      const ours = cells.find('parley', transport, sessions);
      for (const [peer, least] of Object.entries(atLeast[transport]) as [PeerName, number][]) {
        const other = cells.find(peer, transport, sessions);
        const times = ours !== undefined && other !== undefined ? ratio(ours, other) : undefined;
        goals.push({
          goal: `${transport}, ${sessions} sessions: ≥ ${least} × ${peer} in deliveries per CPU-second`,
          figure: times === undefined ? '-' : `${times.toFixed(2)} ×`,
          met: times === undefined ? undefined : times >= least,
        });
      }
    }
  }
  return goals;
}

function memoryGoals(cells: readonly MemoryCell[]): Goal[] {
  return transports.map((transport) => {
    const cell = cells.find((each) => each.peer === 'parley' && each.transport === transport);
    const bytes = cell?.memory.heapPerSession;
    return {
      goal: `${transport}: ≤ ${heapBytesPerSession} bytes of heap per idle session`,
      figure: bytes === undefined ? '-' : `${Math.round(bytes)} bytes`,
      met: bytes === undefined ? undefined : bytes <= heapBytesPerSession,
    };
  });
}

function openLoopGoals(cells: Cells): Goal[] {
  return transports.map((transport) => {
    const cell = cells.find('parley', transport, 1_000);
    const p99 = cell === undefined ? undefined : middle(cell, 'p99Ms');
    return {
      goal: `${transport}: 8,000 deliveries/s to 1,000 sessions at p99 ≤ ${openLoopP99Ms} ms`,
      figure: p99 === undefined ? '-' : `${p99.toFixed(2)} ms`,
      met: p99 === undefined ? undefined : p99 <= openLoopP99Ms,
    };
  });
}

function tabsGoal(one: Cell, two: Cell): Goal {
  const more = {
    p50: middle(two, 'p50Ms') - middle(one, 'p50Ms'),
    p99: middle(two, 'p99Ms') - middle(one, 'p99Ms'),
  };
  return {
    goal: 'two tabs of one browser cost no latency',
    figure: `p50 ${signed(more.p50)} ms, p99 ${signed(more.p99)} ms, ${sum(two, 'refused')} penalties`,
    met: more.p50 <= tabSlackMs.p50 && more.p99 <= tabSlackMs.p99 && sum(two, 'refused') === 0,
  };
}

function deliveryGoal(cells: readonly Cell[]): Goal {
  const ours = cells.filter((cell) => cell.peer === 'parley');
  const total = (figure: 'lost' | 'twice' | 'refused'): number =>
    ours.reduce((all, cell) => all + sum(cell, figure), 0);
  const [lost, twice, refused] = [total('lost'), total('twice'), total('refused')];
  return {
    goal: 'nothing lost, nothing twice, no session refused in any run',
    figure: `${lost} lost, ${twice} twice, ${refused} refused`,
    met: lost + twice + refused === 0,
  };
}

function signed(ms: number): string {
  return `${ms >= 0 ? '+' : ''}${ms.toFixed(2)}`;
}
