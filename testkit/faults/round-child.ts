import { htmlReport } from '@parley/load/report/html-report.ts';
import { PrivateServer, serverPrograms } from '@parley/server/journal/postgres/private-server.ts';
import { writeFileSync } from 'node:fs';
import { playFaultRound, type FaultRound } from './fault-round.ts';
import { faultsOn } from './faults-on.ts';
import type { Round, RoundOutcome } from './rounds-at-once.ts';
import type { Tool } from './tools.ts';

/** What the process of a round is to do; the argument of `round-child.ts`. */
export interface RoundOrder {
  readonly round: Round;
  /** In the names of the faults. */
  readonly only: string;
  readonly lacking: readonly Tool[];
  readonly lastsMs: number;
  /** Where its drawing goes. */
  readonly report?: string;
}

/** What it tells whoever has started it. That one says `finish` when no further fault is to begin. */
export type RoundMessage =
  | { readonly kind: 'line'; readonly line: string }
  | { readonly kind: 'played'; readonly playedMs: number }
  | { readonly kind: 'outcome'; readonly outcome: RoundOutcome; readonly problems: readonly string[] };

const order = JSON.parse(process.argv[2] ?? '') as RoundOrder;
const { round, only, lacking, lastsMs, report } = order;

function say(message: RoundMessage): void {
  if (process.connected) process.send?.(message);
}

let isToFinish = false;
process.on('message', (message) => (isToFinish ||= message === 'finish'));

function play(database?: PrivateServer): Promise<FaultRound> {
  return playFaultRound({
    ...{ seed: round.seed, lastsMs, ...(database === undefined ? {} : { database }) },
    faults: faultsOn(round.store, { text: only, lacking: new Set(lacking) }),
    tell: (line) => say({ kind: 'line', line }),
    onPlayed: (playedMs) => say({ kind: 'played', playedMs }),
    isToFinish: () => isToFinish,
  });
}

async function playOnPostgres(): Promise<FaultRound> {
  const programs = serverPrograms();
  if (programs === null) throw new Error('there is no PostgreSQL');
  const database = await PrivateServer.start(programs);
  try {
    return await play(database);
  } finally {
    database.remove();
  }
}

const { played, problems, result, course } = await (round.store === 'postgres' ? playOnPostgres() : play());
if (report !== undefined) writeFileSync(report, htmlReport(result, course));
const { acknowledged, unknown } = result.requests;
say({
  kind: 'outcome',
  outcome: { isGood: problems.length === 0, faults: played.length, acknowledged, unknown },
  problems,
});
process.disconnect?.();
