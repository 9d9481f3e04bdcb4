import { expect, it } from 'vitest';
import { metricsOfProcess } from './process-metrics.ts';

it('are collected once, however often a server asks for them', async () => {
  const metrics = metricsOfProcess();
  expect(metricsOfProcess()).toBe(metrics);
  expect(await metrics.metrics()).toContain('nodejs_gc_duration_seconds');
});
