import type { Bucket } from '../figures/latency-sketch.ts';
import type { Gauge, Second } from '../figures/meter.ts';
import type { LoadCourse, LoadResult } from '../run/load-result.ts';
import { escaped } from './escaped.ts';
import { lineChart, type Series } from './line-chart.ts';
import { linearScale, logScale } from './scale.ts';
import { stylesheet } from './stylesheet.ts';
import { describeLoad, failure, gaugeTitles, grouped, milliseconds } from './summary.ts';

/** Points of a line; longer runs are thinned out to as many by taking the worst of neighbours. */
const mostPoints = 480;

/** Buckets of the distribution for each factor of ten. */
const binsPerDecade = 20;

/** The whole result as one file of HTML without external resources. */
export function htmlReport(result: LoadResult, course: LoadCourse): string {
  const { isGood } = result;
  const seconds = thinned(course.seconds);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Parley load: ${isGood ? 'passed' : 'FAILED'}, ${grouped(result.deliveredPerSecond)} messages/s</title>
<style>${stylesheet}</style>
</head>
<body>
<main>
<header>
<p class="verdict ${isGood ? 'good' : 'bad'}">${isGood ? 'Passed' : 'Failed'}</p>
<h1>${isGood ? 'Every acknowledged message arrived once, in order' : escaped(failure(result))}</h1>
<p>${escaped(describeLoad(result))}</p>
</header>
${figures(result)}
${latencyTable(result)}
${throughputChart(seconds, course)}
${latencyChart('toAgent', seconds, course)}
${latencyChart('toCustomer', seconds, course)}
${distributionChart(course)}
${marksList(course)}
${problems(result)}
</main>
</body>
</html>
`;
}

function figures({ deliveredPerSecond, latency, findings, chats }: LoadResult): string {
  const cards: readonly [string, string, string][] = [
    ['Delivered', `${grouped(deliveredPerSecond)}/s`, ''],
    ['p99 customer → agent', milliseconds(latency.toAgent.p99Ms), ''],
    ['p99 agent → customer', milliseconds(latency.toCustomer.p99Ms), ''],
    ['Lost', grouped(findings.lost), findings.lost > 0 ? 'bad' : 'good'],
    ['Doubled', grouped(findings.doubled), findings.doubled > 0 ? 'bad' : 'good'],
    ['Out of order', grouped(findings.outOfOrder), findings.outOfOrder > 0 ? 'bad' : 'good'],
    ['Shown wrongly', grouped(findings.wrong), findings.wrong > 0 ? 'bad' : 'good'],
    [
      'Chats finished',
      `${grouped(chats.finished)} of ${grouped(chats.opened)}`,
      chats.unfinished > 0 ? 'bad' : '',
    ],
  ];
  const items = cards.map(
    ([name, value, tone]) => `<div class="${tone}"><dt>${name}</dt><dd>${escaped(value)}</dd></div>`,
  );
  return `<dl class="cards">${items.join('')}</dl>`;
}

function latencyTable({ latency }: LoadResult): string {
  const rows = (Object.keys(gaugeTitles) as Gauge[]).map((gauge) => {
    const { p50Ms, p90Ms, p99Ms, p999Ms, maxMs, count } = latency[gauge];
    const cells = [p50Ms, p90Ms, p99Ms, p999Ms, maxMs].map((ms) => `<td>${milliseconds(ms)}</td>`).join('');
    return `<tr><th scope="row">${escaped(gaugeTitles[gauge])}</th>${cells}<td>${grouped(count)}</td></tr>`;
  });
  const head = ['p50', 'p90', 'p99', 'p99.9', 'max', 'count']
    .map((name) => `<th scope="col">${name}</th>`)
    .join('');
  return `<section><h2>Latency</h2><div class="scroll"><table><thead><tr><td></td>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>
<p class="note">From the moment a message was due to be sent until the other side had it. Ramp, warm-up and the end are left out here and shaded in the charts.</p></section>`;
}

function throughputChart(seconds: readonly Second[], { marks, cuts, window }: LoadCourse): string {
  const series = (['toAgent', 'toCustomer'] as const).map((gauge): Series => ({
    name: gaugeTitles[gauge],
    className: gauge,
    isFilled: true,
    points: seconds.map(({ at, counts }) => ({ x: at, y: counts[gauge] })),
  }));
  const highest = Math.max(0, ...seconds.flatMap(({ counts }) => [counts.toAgent, counts.toCustomer]));
  return lineChart({
    ...{
      id: 'throughput',
      title: 'Messages delivered',
      yTitle: 'messages per second',
      xTitle: 'seconds since the start',
    },
    description: `Delivered messages per second over time for both directions, at most ${highest}.`,
    series,
    yScale: (length) => linearScale(highest, length, 5),
    yTick: grouped,
    ...{ marks, cuts, window },
  });
}

function latencyChart(
  gauge: 'toAgent' | 'toCustomer',
  seconds: readonly Second[],
  { marks, window }: LoadCourse,
): string {
  const line = (quantile: 'p50Ms' | 'p99Ms', name: string): Series => ({
    name,
    className: `${gauge} ${quantile}`,
    points: seconds.map(({ at, counts, ...one }) => ({
      x: at,
      y: counts[gauge] > 0 ? one[quantile][gauge] : undefined,
    })),
  });
  const values = seconds.filter(({ counts }) => counts[gauge] > 0);
  const lowest = Math.min(...values.map(({ p50Ms }) => p50Ms[gauge]), 1_000);
  const highest = Math.max(...values.map(({ p99Ms }) => p99Ms[gauge]), 0);
  return lineChart({
    ...{
      id: `latency-${gauge}`,
      title: `Latency, ${gaugeTitles[gauge]}`,
      yTitle: 'milliseconds (log)',
      xTitle: 'seconds since the start',
    },
    description: `Median and 99th percentile of each second, at most ${milliseconds(highest)}.`,
    series: [line('p99Ms', 'p99'), line('p50Ms', 'p50')],
    yScale: (length) => logScale({ lowest, highest }, length),
    yTick: plain,
    ...{ marks, window },
  });
}

function distributionChart({ distribution }: LoadCourse): string {
  const shares = (['toAgent', 'toCustomer'] as const).map((gauge) => ({
    gauge,
    bins: binned(distribution[gauge]),
  }));
  const all = shares.flatMap(({ bins }) => bins);
  const lowest = Math.min(...all.map(({ fromMs }) => fromMs), 1);
  const longest = Math.max(...all.map(({ untilMs }) => untilMs), 1);
  const highest = Math.max(...all.map(({ percent }) => percent), 0);
  return lineChart({
    ...{
      id: 'distribution',
      title: 'Distribution of latencies',
      yTitle: 'per cent of messages',
      xTitle: 'milliseconds (log)',
    },
    description: 'How many per cent of the messages took how long, for both directions.',
    series: shares.map(({ gauge, bins }) => ({
      name: gaugeTitles[gauge],
      className: gauge,
      isFilled: true,
      points: bins.flatMap(({ fromMs, untilMs, percent }) => [
        { x: fromMs, y: percent },
        { x: untilMs, y: percent },
      ]),
    })),
    yScale: (length) => linearScale(highest, length, 5),
    yTick: (value) => `${plain(value)} %`,
    xScale: (length) => logScale({ lowest, highest: longest }, length),
    xTick: plain,
  });
}

interface Bin {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly percent: number;
}

/** The fine buckets in broader ones, every one from the first to the last. */
function binned(buckets: readonly Bucket[]): readonly Bin[] {
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  const counts = new Map<number, number>();
  for (const { untilMs, count } of buckets) {
    const bin = Math.floor(Math.log10(untilMs * 0.99) * binsPerDecade);
    counts.set(bin, (counts.get(bin) ?? 0) + count);
  }
  if (counts.size === 0) return [];
  const [first, last] = [Math.min(...counts.keys()), Math.max(...counts.keys())];
  const edge = (bin: number): number => 10 ** (bin / binsPerDecade);
  return Array.from({ length: last - first + 1 }, (_, at) => ({
    fromMs: edge(first + at),
    untilMs: edge(first + at + 1),
    percent: (100 * (counts.get(first + at) ?? 0)) / total,
  }));
}

function marksList({ marks }: LoadCourse): string {
  if (marks.length === 0) return '';
  const items = marks.map(
    ({ at, label }) => `<li>${escaped(label)} <span class="note">${at.toFixed(1)} s</span></li>`,
  );
  return `<section><h2>Faults</h2><ol class="marks">${items.join('')}</ol></section>`;
}

function problems({ errors, details, flaps, requests }: LoadResult): string {
  const failed = Object.entries(errors).toSorted(([, one], [, other]) => other - one);
  const rows = failed.map(
    ([kind, count]) => `<tr><th scope="row">${escaped(kind)}</th><td>${grouped(count)}</td></tr>`,
  );
  const found = details.map(
    ({ kind, chatId, detail }) => `<li><b>${kind}</b> in chat ${escaped(chatId)}: ${escaped(detail)}</li>`,
  );
  return `<section><h2>What did not work at once</h2>
<p>${grouped(requests.acknowledged)} messages were acknowledged, ${grouped(requests.refused)} refused, ${grouped(requests.unknown)} had no answer; connections were cut ${grouped(flaps)} times.</p>
${rows.length > 0 ? `<table><tbody>${rows.join('')}</tbody></table>` : '<p>Nothing.</p>'}</section>
${found.length > 0 ? `<section><h2>Findings</h2><ul>${found.join('')}</ul></section>` : ''}`;
}

/** Neighbouring seconds as one: counts are the mean, latencies the worst. */
function thinned(seconds: readonly Second[]): readonly Second[] {
  const every = Math.ceil(seconds.length / mostPoints);
  if (every <= 1) return seconds;
  const groups = Map.groupBy(seconds, ({ at }) => Math.floor(at / every));
  return [...groups.values()].map((group) => {
    const [first] = group as [Second, ...Second[]];
    const over = (
      pick: (second: Second) => Second['counts'],
      join: (values: readonly number[]) => number,
    ): Second['counts'] =>
      Object.fromEntries(
        (Object.keys(first.counts) as Gauge[]).map((gauge) => [
          gauge,
          join(group.map((one) => pick(one)[gauge])),
        ]),
      ) as Second['counts'];
    return {
      at: first.at,
      counts: over(
        ({ counts }) => counts,
        (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
      ),
      p50Ms: over(
        ({ p50Ms }) => p50Ms,
        (values) => Math.max(...values),
      ),
      p99Ms: over(
        ({ p99Ms }) => p99Ms,
        (values) => Math.max(...values),
      ),
      errors: group.reduce((sum, { errors }) => sum + errors, 0),
    };
  });
}

function plain(value: number): string {
  return value >= 1000 ? grouped(value) : String(Number(value.toPrecision(3)));
}
