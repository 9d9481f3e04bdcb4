import type { Gauge } from '../figures/meter.ts';
import type { LoadRun } from '../run/load-run.ts';
import type { LoadResult } from '../run/load-result.ts';

/** What each gauge is called for people. */
export const gaugeTitles: Readonly<Record<Gauge, string>> = {
  toAgent: 'customer → agent',
  toCustomer: 'agent → customer',
  accepted: 'accepted (customer)',
  waited: 'wait for an agent',
};

/** What was asked for, in one line. */
export function describeLoad({ asked, seconds }: Pick<LoadResult, 'asked' | 'seconds'>): string {
  const pace =
    asked.mode === 'open' ? `open loop at ${asked.rate}/s` : `closed loop, think ${asked.thinkMs} ms`;
  const customers =
    asked.customerMode === 'polling' ? `polling every ${asked.pollMs} ms` : `CometD ${asked.push}`;
  const flapping = asked.flappingPercent > 0 ? `; ${asked.flappingPercent} % flapping` : '';
  return (
    `${asked.customers} customers (${customers}), ${asked.agents} agents (${asked.push}); ${pace}${flapping}; ` +
    `${Math.round(seconds)} s measured; seed ${asked.seed}`
  );
}

/** A latency for people: three digits and a unit. */
export function milliseconds(ms: number): string {
  if (ms === 0) return '–';
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2)} ms`;
}

/** A number of things, with thousands apart. */
export function grouped(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** The result for a terminal. */
export function summary(result: LoadResult): string {
  const { latency, findings, chats, requests, errors, details } = result;
  const columns = ['p50', 'p90', 'p99', 'p99.9', 'max', 'count'];
  const rows = (Object.keys(gaugeTitles) as Gauge[]).map((gauge) => {
    const { p50Ms, p90Ms, p99Ms, p999Ms, maxMs, count } = latency[gauge];
    return [gaugeTitles[gauge], ...[p50Ms, p90Ms, p99Ms, p999Ms, maxMs].map(milliseconds), grouped(count)];
  });
  const line = ([title = '', ...cells]: readonly string[]): string =>
    `  ${title.padEnd(22)}${cells.map((cell) => cell.padStart(10)).join('')}`;
  const failed = Object.entries(errors).toSorted(([, one], [, other]) => other - one);
  const lines = [
    '',
    describeLoad(result),
    '',
    `  delivered ${grouped(result.deliveredPerSecond)}/s, both directions`,
    '',
    line(['', ...columns]),
    ...rows.map(line),
    '',
    `  lost ${findings.lost}   doubled ${findings.doubled}   out of order ${findings.outOfOrder}   shown wrongly ${findings.wrong}`,
    `  chats: ${grouped(chats.opened)} opened, ${grouped(chats.finished)} finished${chats.unfinished > 0 ? `, ${chats.unfinished} NOT finished` : ''}`,
    `  messages: ${grouped(requests.acknowledged)} acknowledged, ${requests.refused} refused, ${requests.unknown} without an answer`,
    ...(failed.length > 0
      ? ['  did not work at once:', ...failed.map(([kind, count]) => `    ${count} × ${kind}`)]
      : []),
    ...(details.length > 0
      ? [
          '',
          '  findings:',
          ...details.slice(0, 10).map((one) => `    ${one.kind} in chat ${one.chatId}: ${one.detail}`),
        ]
      : []),
    '',
    result.isGood
      ? '  PASSED: every acknowledged message arrived once, in order.'
      : `  FAILED: ${failure(result)}`,
    '',
  ];
  return lines.join('\n');
}

/** Why the run is not good, in a clause. */
export function failure({ findings, latency }: LoadResult): string {
  const found = Object.values(findings).reduce((sum, count) => sum + count, 0);
  if (found > 0) return `${found} findings.`;
  return latency.toAgent.count === 0 ? 'no message reached an agent.' : 'no answer reached a customer.';
}

/** One line while the run goes on. */
export function progress({ meter, ledger }: LoadRun): string {
  const last = meter.seconds.at(-1);
  if (!last) return '';
  const { counts, p99Ms, at } = last;
  const { lost, doubled, outOfOrder, wrong } = ledger.counts;
  return (
    `${String(at + 1).padStart(5)} s  ${grouped(counts.toAgent + counts.toCustomer).padStart(7)}/s  ` +
    `p99 → ${milliseconds(p99Ms.toAgent)}  ← ${milliseconds(p99Ms.toCustomer)}  ` +
    `lost ${lost} doubled ${doubled} disordered ${outOfOrder} wrong ${wrong}`
  );
}
