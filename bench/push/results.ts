import { median, rounded } from '../lib/statistics.ts';
import type { Figures } from '../lib/bench-module.ts';
import type { TransportName } from './orders.ts';
import type { PeerName } from './peer-list.ts';
import type { MemoryFigures, RunFigures } from './run-once.ts';

/** The runs of one server in one shape, a figure a round. */
export type Cell = { peer: PeerName; transport: TransportName; sessions: number; rounds: RunFigures[] };

/** The cells of one part of the benchmark, found by what they measured. */
export class Cells {
  readonly all: Cell[] = [];

  add(shape: { peer: PeerName; transport: TransportName; sessions: number }, figures: RunFigures): void {
    let cell = this.find(shape.peer, shape.transport, shape.sessions);
    if (cell === undefined) {
      cell = { ...shape, rounds: [] };
      this.all.push(cell);
    }
    cell.rounds.push(figures);
  }

  find(peer: PeerName, transport: TransportName, sessions: number): Cell | undefined {
    return this.all.find(
      (cell) => cell.peer === peer && cell.transport === transport && cell.sessions === sessions,
    );
  }
}

/** The median of one figure over the rounds. */
export function middle(cell: Cell, figure: keyof RunFigures): number {
  return median(cell.rounds.map((round) => round[figure]));
}

/**
 * How many times the deliveries per CPU-second of `other` ours are: the median of the ratios within a round, as the
 * runs of a round stand next to each other in time and share the machine's moods.
 */
export function ratio(ours: Cell, other: Cell): number {
  return median(
    ours.rounds.map((round, index) => {
      const against = other.rounds[index];
      if (against === undefined) throw new Error('a round without its counterpart');
      return round.deliveriesPerCpuSecond / against.deliveriesPerCpuSecond;
    }),
  );
}

/** The header and the rows of a table of cells. */
export const cellHeader = [
  'server',
  'transport',
  'sessions',
  'deliveries/s',
  'per CPU-s',
  'p50 ms',
  'p99 ms',
  'server CPU %',
  'load CPU %',
  'others %',
  'lost/twice',
] as const;

export function cellRow(cell: Cell): (string | number)[] {
  return [
    cell.peer,
    cell.transport,
    cell.sessions,
    Math.round(middle(cell, 'deliveriesPerSecond')),
    Math.round(middle(cell, 'deliveriesPerCpuSecond')),
    rounded(middle(cell, 'p50Ms')),
    rounded(middle(cell, 'p99Ms')),
    Math.round(middle(cell, 'serverCpu')),
    Math.round(middle(cell, 'loadCpu')),
    Math.round(middle(cell, 'others')),
    `${sum(cell, 'lost')}/${sum(cell, 'twice')}`,
  ];
}

/** The figures of a cell for the last line: medians, and the rounds' main figure one by one. */
export function cellFigures(cell: Cell): Figures {
  return {
    server: cell.peer,
    transport: cell.transport,
    sessions: cell.sessions,
    deliveriesPerSecond: Math.round(middle(cell, 'deliveriesPerSecond')),
    deliveriesPerCpuSecond: Math.round(middle(cell, 'deliveriesPerCpuSecond')),
    deliveriesPerCpuSecondByRound: cell.rounds.map((round) => Math.round(round.deliveriesPerCpuSecond)),
    p50Ms: rounded(middle(cell, 'p50Ms'), 3),
    p99Ms: rounded(middle(cell, 'p99Ms'), 3),
    serverCpuPercent: Math.round(middle(cell, 'serverCpu')),
    loadCpuPercent: Math.round(middle(cell, 'loadCpu')),
    othersCpuPercent: Math.round(middle(cell, 'others')),
    lost: sum(cell, 'lost'),
    twice: sum(cell, 'twice'),
    refused: sum(cell, 'refused'),
  };
}

/** A figure added up over the rounds: what must be 0 in each. */
export function sum(cell: Cell, figure: 'lost' | 'twice' | 'refused'): number {
  return cell.rounds.reduce((total, round) => total + round[figure], 0);
}

/** The memory of one server's idle sessions. */
export type MemoryCell = { peer: PeerName; transport: TransportName; memory: MemoryFigures };

export function memoryFigures({ peer, transport, memory }: MemoryCell): Figures {
  return {
    server: peer,
    transport,
    heapBytesPerSession: Math.round(memory.heapPerSession),
    heapAndExternalBytesPerSession: Math.round(memory.heapAndExternalPerSession),
    rssBytesPerSession: Math.round(memory.rssPerSession),
  };
}
