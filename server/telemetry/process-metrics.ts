import { collectDefaultMetrics, Registry } from 'prom-client';

let collected: Registry | undefined;

/**
 * The metrics of the process, the same however many servers live in it: what listens to its garbage collector never stops,
 * and would keep every server that has one of its own.
 */
export function metricsOfProcess(): Registry {
  if (!collected) {
    collected = new Registry();
    collectDefaultMetrics({ register: collected });
  }
  return collected;
}
