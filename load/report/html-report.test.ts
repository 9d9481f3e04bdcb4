import { expect, test } from 'vitest';
import { LatencySketch } from '../figures/latency-sketch.ts';
import { gauges, Meter, type Gauge } from '../figures/meter.ts';
import type { LoadCourse, LoadResult } from '../run/load-result.ts';
import { defaultLoad } from '../run/load-options.ts';
import { htmlReport } from './html-report.ts';
import { summary } from './summary.ts';

const latency = { count: 10, p50Ms: 1.5, p90Ms: 2, p99Ms: 30, p999Ms: 400, maxMs: 12_345 };
const perGauge = <Value>(value: Value) =>
  Object.fromEntries(gauges.map((gauge) => [gauge, value])) as Record<Gauge, Value>;

const result: LoadResult = {
  asked: { ...defaultLoad, url: 'http://a.example', service: 'load', agents: 2 },
  seconds: 5,
  deliveredPerSecond: 1234,
  latency: perGauge(latency),
  chats: { opened: 3, finished: 2, unfinished: 1 },
  requests: { acknowledged: 1000, refused: 1, unknown: 2 },
  findings: { lost: 1, doubled: 0, outOfOrder: 0, wrong: 0 },
  details: [{ kind: 'lost', chatId: 'c1', detail: '<script>alert("1")</script> was acknowledged' }],
  errors: { 'send: <b>connection</b>': 2 },
  flaps: 3,
  isGood: false,
};

/** Five seconds; nothing arrives in the third. */
function course(): LoadCourse {
  let nowMs = 0;
  const meter = new Meter(() => nowMs);
  for (const at of [0, 1, 3, 4]) {
    nowMs = at * 1000 + 500;
    meter.add('toAgent', 2);
    meter.add('toCustomer', 20);
    meter.cut();
  }
  meter.mark('kill -9');
  meter.begin();
  nowMs = 6000;
  meter.end();
  meter.tick();
  const sketch = new LatencySketch();
  sketch.add(1500);
  const { seconds, marks, cuts, window } = meter;
  return { seconds, marks, cuts, window, distribution: perGauge(sketch.buckets()) };
}

test('the report needs nothing but itself, and text stays text', () => {
  const html = htmlReport(result, course());
  expect(html).not.toMatch(/<script|<link|<img|@import|url\(|https?:\/\/(?!a\.example)/);
  expect(html).not.toContain('<b>connection');
  expect(html).toContain('&lt;script&gt;');
  expect(html).not.toMatch(/NaN|Infinity|undefined/);
  expect(html.match(/<svg viewBox/g)).toHaveLength(4);
  expect(html.match(/role="img" aria-labelledby/g)).toHaveLength(4);
  expect(html).toContain('kill -9');
});

test('a run without a single message has a report as well', () => {
  const distribution = perGauge([]);
  const empty = htmlReport(result, {
    seconds: [],
    marks: [],
    cuts: [],
    window: { from: 0, until: 1 },
    distribution,
  });
  expect(empty).not.toMatch(/NaN|Infinity|undefined/);
});

test('the summary says what failed', () => {
  const text = summary(result);
  expect(text).toContain('delivered 1,234/s');
  expect(text).toContain('lost 1   doubled 0');
  expect(text).toContain('1 NOT finished');
  expect(text).toContain('12.3 s');
  expect(text).toContain('FAILED: 1 findings.');
});

test('a second in which nothing arrived interrupts the line', () => {
  const { seconds } = course();
  expect(seconds.map(({ counts }) => counts.toAgent)).toEqual([1, 1, 0, 1, 1, 0]);
  expect(seconds[3]?.p50Ms.toCustomer).toBeCloseTo(20, 0);
});
