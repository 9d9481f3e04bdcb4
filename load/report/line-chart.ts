import type { Mark } from '../figures/meter.ts';
import { escaped } from './escaped.ts';
import { linearScale, type Scale } from './scale.ts';

/** A line of a chart; `undefined` interrupts it. */
export interface Series {
  readonly name: string;
  /** The class that gives it its colour and stroke. */
  readonly className: string;
  readonly points: readonly { readonly x: number; readonly y: number | undefined }[];
  /** The area under the line is tinted. */
  readonly isFilled?: boolean;
}

export interface LineChart {
  readonly id: string;
  readonly title: string;
  /** What the chart shows, for those who do not see it. */
  readonly description: string;
  readonly yTitle: string;
  readonly xTitle: string;
  readonly series: readonly Series[];
  /** Of an axis of that length. */
  readonly yScale: (length: number) => Scale;
  readonly xScale?: (length: number) => Scale;
  readonly xTick?: (value: number) => string;
  readonly yTick: (value: number) => string;
  readonly marks?: readonly Mark[];
  /** Ticks above the x axis, one for each time that something happened. */
  readonly cuts?: readonly number[];
  /** What is outside is shaded: it was not measured. */
  readonly window?: { readonly from: number; readonly until: number };
}

const width = 960;
const height = 300;
const margin = { left: 72, right: 20, top: 30, bottom: 46 };
const plotWidth = width - margin.left - margin.right;
const plotHeight = height - margin.top - margin.bottom;
const bottom = margin.top + plotHeight;

/** Numbers of marks are left out where they would stand on each other. */
const leastMarkGap = 16;

/** A chart as one `<figure>` with an inline SVG; its colours are those of the page. */
export function lineChart(chart: LineChart): string {
  const { id, title, description, series, yTitle, xTitle, marks = [], cuts = [], window } = chart;
  const y = chart.yScale(plotHeight);
  const lastX = Math.max(1, ...series.flatMap(({ points }) => points.map((point) => point.x)));
  const x = chart.xScale?.(plotWidth) ?? linearScale(lastX, plotWidth, 10);
  const left = (value: number): string => (margin.left + x.place(value)).toFixed(1);
  const top = (value: number): string => (bottom - y.place(value)).toFixed(1);
  const place = (at: number): number => margin.left + x.place(Math.min(at, lastX));
  const parts = [
    ...(window ? [shade(margin.left, place(window.from)), shade(place(window.until), place(lastX))] : []),
    ...y.ticks.map((tick) => yTick(top(tick), chart.yTick(tick))),
    ...x.ticks.map((tick) => xTickAt(left(tick), (chart.xTick ?? String)(tick))),
    `<line class="axis" x1="${margin.left}" x2="${width - margin.right}" y1="${bottom}" y2="${bottom}"/>`,
    ...markLines(marks, (at) => margin.left + x.place(at)),
    ...cuts.map((at) => {
      const x1 = place(at).toFixed(1);
      return `<line class="cut" x1="${x1}" x2="${x1}" y1="${bottom - 7}" y2="${bottom}"/>`;
    }),
    ...series.map((one) => path(one, { left, top })),
    `<text class="axis-title" x="${margin.left + plotWidth / 2}" y="${height - 8}" text-anchor="middle">${escaped(xTitle)}</text>`,
    `<text class="axis-title" x="0" y="14">${escaped(yTitle)}</text>`,
  ];
  return `<figure>
<figcaption><h2>${escaped(title)}</h2>${legend(series, cuts.length > 0)}</figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-text">
<title id="${id}-title">${escaped(title)}</title><desc id="${id}-text">${escaped(description)}</desc>
${parts.join('\n')}
</svg>
</figure>`;
}

function yTick(at: string, label: string): string {
  return `<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${at}" y2="${at}"/><text class="tick" x="${margin.left - 8}" y="${at}" dy="4" text-anchor="end">${escaped(label)}</text>`;
}

function xTickAt(at: string, label: string): string {
  return `<line class="axis" x1="${at}" x2="${at}" y1="${bottom}" y2="${bottom + 5}"/><text class="tick" x="${at}" y="${bottom + 20}" text-anchor="middle">${escaped(label)}</text>`;
}

function markLines(marks: readonly Mark[], place: (at: number) => number): string[] {
  let lastNumberAt = -Infinity;
  return marks.map(({ at, label }, number) => {
    const x = place(at);
    const isFree = x - lastNumberAt >= leastMarkGap;
    if (isFree) lastNumberAt = x;
    const told = isFree
      ? `<text class="mark-number" x="${x.toFixed(1)}" y="${margin.top - 4}" text-anchor="middle">${number + 1}</text>`
      : '';
    return `<g><title>${escaped(`${number + 1}: ${label}, ${at.toFixed(1)} s`)}</title><line class="mark" x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${margin.top}" y2="${bottom}"/>${told}</g>`;
  });
}

type Place = { readonly left: (x: number) => string; readonly top: (y: number) => string };

function path({ points, className, isFilled }: Series, { left, top }: Place): string {
  const runs: string[][] = [[]];
  for (const { x, y } of points) {
    if (y === undefined) runs.push([]);
    else runs.at(-1)?.push(`${left(x)},${top(y)}`);
  }
  const drawn = runs.filter((run) => run.length > 0);
  const lines = drawn.map((run) =>
    // A second that stands alone is a dot.
    run.length === 1
      ? `<circle class="dot ${className}" cx="${run[0]?.split(',')[0]}" cy="${run[0]?.split(',')[1]}" r="2"/>`
      : `<polyline class="line ${className}" points="${run.join(' ')}"/>`,
  );
  if (!isFilled) return lines.join('');
  const areas = drawn
    .filter((run) => run.length > 1)
    .map((run) => {
      const [from = '', to = ''] = [run[0]?.split(',')[0], run.at(-1)?.split(',')[0]];
      return `<polygon class="area ${className}" points="${from},${bottom} ${run.join(' ')} ${to},${bottom}"/>`;
    });
  return areas.join('') + lines.join('');
}

function shade(from: number, until: number): string {
  if (until <= from) return '';
  return `<rect class="unmeasured" x="${from.toFixed(1)}" y="${margin.top}" width="${(until - from).toFixed(1)}" height="${plotHeight}"><title>not measured</title></rect>`;
}

function legend(series: readonly Series[], hasCuts: boolean): string {
  const entries = series.map(
    ({ name, className }) =>
      `<li><svg width="26" height="10" aria-hidden="true"><line class="line ${className}" x1="1" x2="25" y1="5" y2="5"/></svg>${escaped(name)}</li>`,
  );
  if (hasCuts)
    entries.push(
      `<li><svg width="10" height="10" aria-hidden="true"><line class="cut" x1="5" x2="5" y1="1" y2="9"/></svg>connections cut</li>`,
    );
  return `<ul class="legend">${entries.join('')}</ul>`;
}
