import type { Registry } from 'prom-client';
import type { Tally } from './tally.ts';

/** What Prometheus is told of a metric; the name is in its manner, with the unit last. */
export interface MetricText {
  readonly name: string;
  readonly help: string;
}

/** One value, or one for each value of a label. */
export type Reading = number | { readonly label: string; readonly values: Readonly<Record<string, number>> };

type Sample = { value: number; labels: Record<string, string | number>; metricName?: string };

/**
 * What `/metrics` shows is counted in plain numbers where it happens and read here when somebody asks: nothing on the way of a
 * message knows of labels or registries. A metric is added by one call of `addCounter`, `addGauge` or `addHistogram`.
 */
function add(
  registry: Registry,
  text: MetricText & { readonly type: string },
  samples: () => Sample[],
): void {
  const metric = {
    ...text,
    aggregator: 'sum',
    reset: () => {},
    get: () => Promise.resolve({ ...text, aggregator: 'sum', values: samples() }),
  };
  // The registry asks a metric for its name and for `get`; its type names classes that keep values of their own.
  registry.registerMetric(metric as unknown as Parameters<Registry['registerMetric']>[0]);
}

function samplesOf(reading: Reading): Sample[] {
  if (typeof reading === 'number') return [{ value: reading, labels: {} }];
  const { label, values } = reading;
  return Object.entries(values).map(([name, value]) => ({ value, labels: { [label]: name } }));
}

/** What only grows; the name ends in `_total`. */
export function addCounter(registry: Registry, text: MetricText, read: () => Reading): void {
  add(registry, { ...text, type: 'counter' }, () => samplesOf(read()));
}

/** What goes up and down. */
export function addGauge(registry: Registry, text: MetricText, read: () => Reading): void {
  add(registry, { ...text, type: 'gauge' }, () => samplesOf(read()));
}

/** How often which amount was observed. */
export function addHistogram(registry: Registry, text: MetricText, tally: Tally): void {
  add(registry, { ...text, type: 'histogram' }, () => {
    let below = 0;
    const buckets = tally.bounds.map((bound, at) => {
      below += tally.counts[at] ?? 0;
      return { metricName: `${text.name}_bucket`, labels: { le: bound }, value: below };
    });
    const { count, sum } = tally;
    return [
      ...buckets,
      { metricName: `${text.name}_bucket`, labels: { le: '+Inf' }, value: count },
      { metricName: `${text.name}_sum`, labels: {}, value: sum },
      { metricName: `${text.name}_count`, labels: {}, value: count },
    ];
  });
}
