import { Counter, Gauge, type Registry } from 'prom-client';
import type { Outbox } from '../outbox/outbox.ts';

const gauges = {
  waiting: 'Messages that a receiver outside has not confirmed.',
  dead: 'Dead letters of a receiver outside.',
} as const;
const counters = {
  confirmed: 'Messages that a receiver outside has confirmed.',
  failed: 'Attempts to tell a receiver outside that failed.',
} as const;

/** How receivers outside do (docs/webhooks.md), with their name as label. */
export function registerOutboxMetrics(registry: Registry, outbox: Pick<Outbox, 'status'>): void {
  const registers = [registry];
  const labelNames = ['receiver'];
  for (const [key, help] of Object.entries(gauges)) {
    const gauge: Gauge = new Gauge({
      ...{ name: `parley_outbox_${key}`, help, registers, labelNames },
      collect() {
        for (const [receiver, status] of outbox.status())
          gauge.set({ receiver }, status[key as keyof typeof gauges]);
      },
    });
  }
  for (const [key, help] of Object.entries(counters)) {
    const counter: Counter = new Counter({
      ...{ name: `parley_outbox_${key}_total`, help, registers, labelNames },
      collect() {
        counter.reset();
        for (const [receiver, status] of outbox.status())
          counter.inc({ receiver }, status[key as keyof typeof counters]);
      },
    });
  }
}
