import { gauges, type Gauge, type Mark, type Second } from '../figures/meter.ts';
import type { Bucket, LatencySketch } from '../figures/latency-sketch.ts';
import type { Finding, FindingClass } from '../history/finding.ts';
import type { LoadRun } from './load-run.ts';

/** Latencies in milliseconds; quantiles exact to 2 %. */
export interface Latency {
  readonly count: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

/** What a run came to. */
export interface LoadResult {
  readonly asked: Omit<LoadRun['options'], 'accounts'> & { readonly agents: number };
  /** Measured for so long, without ramp and warm-up. */
  readonly seconds: number;
  /** Messages that reached the other side, both directions, a second. */
  readonly deliveredPerSecond: number;
  readonly latency: Readonly<Record<Gauge, Latency>>;
  readonly chats: { readonly opened: number; readonly finished: number; readonly unfinished: number };
  /** What became of everything that was sent in chats that were looked at. */
  readonly requests: { readonly acknowledged: number; readonly refused: number; readonly unknown: number };
  readonly findings: Readonly<Record<FindingClass, number>>;
  /** The first of them in detail. */
  readonly details: readonly Finding[];
  /** What did not work, by kind, since the warm-up. */
  readonly errors: Readonly<Record<string, number>>;
  readonly flaps: number;
  /** Nothing lost, doubled, out of order, or shown to whom it is not meant for; and something was measured. */
  readonly isGood: boolean;
}

/** For charts, beside the result. */
export interface LoadCourse {
  readonly seconds: readonly Second[];
  readonly marks: readonly Mark[];
  /** When connections were cut on purpose, in seconds since the clients began. */
  readonly cuts: readonly number[];
  /** From when to when it was measured, in those seconds. */
  readonly window: { readonly from: number; readonly until: number };
  readonly distribution: Readonly<Record<Gauge, readonly Bucket[]>>;
}

export function loadResult(run: LoadRun): LoadResult {
  const { options, meter, ledger, flaps } = run;
  const { accounts, ...asked } = options;
  const { toAgent, toCustomer } = meter.totals;
  const { seconds, delivered } = meter.measured;
  const { lost, doubled, outOfOrder, wrong } = ledger.counts;
  return {
    asked: { ...asked, agents: accounts.length },
    seconds: rounded(seconds),
    deliveredPerSecond: rounded(delivered / seconds),
    latency: perGauge((gauge) => latencyOf(meter.totals[gauge])),
    chats: { opened: ledger.opened, finished: ledger.finished, unfinished: ledger.opened - ledger.finished },
    requests: { acknowledged: ledger.acknowledged, refused: ledger.refused, unknown: ledger.unknown },
    findings: { ...ledger.counts },
    details: ledger.findings,
    errors: Object.fromEntries(meter.errors),
    flaps,
    isGood: lost + doubled + outOfOrder + wrong === 0 && toAgent.total > 0 && toCustomer.total > 0,
  };
}

export function loadCourse({ meter }: LoadRun): LoadCourse {
  return {
    seconds: meter.seconds,
    marks: meter.marks,
    cuts: meter.cuts,
    window: meter.window,
    distribution: perGauge((gauge) => meter.totals[gauge].buckets()),
  };
}

function perGauge<Value>(of: (gauge: Gauge) => Value): Record<Gauge, Value> {
  return Object.fromEntries(gauges.map((gauge) => [gauge, of(gauge)])) as Record<Gauge, Value>;
}

function latencyOf(sketch: LatencySketch): Latency {
  return {
    count: sketch.total,
    p50Ms: rounded(sketch.quantileMs(0.5)),
    p90Ms: rounded(sketch.quantileMs(0.9)),
    p99Ms: rounded(sketch.quantileMs(0.99)),
    p999Ms: rounded(sketch.quantileMs(0.999)),
    maxMs: rounded(sketch.maxMs),
  };
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
