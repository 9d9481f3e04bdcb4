import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Metrics } from '@parley/bayeux/server.ts';
import type { Operations } from '../operations/operations.ts';

/** The metrics of one server, in a registry of its own so that several servers can live in one process. */
export function createMetrics(parts: {
  readonly operations: Operations;
  readonly bayeux: { snapshot(): Metrics };
}): Registry {
  const { operations, bayeux } = parts;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  gauge(registry, 'parley_chats_live', 'Chats that are not closed.', () => operations.chats.size);
  gauge(registry, 'parley_chats_waiting', 'Chats in a queue.', () => operations.chats.waiting().length);
  for (const name of Object.keys(bayeux.snapshot()) as (keyof Metrics)[]) {
    const help = `Of the push engine: ${name} (see bayeux/README.md).`;
    gauge(registry, `parley_push_${toSnakeCase(name)}`, help, () => bayeux.snapshot()[name]);
  }
  return registry;
}

function toSnakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  const made: Gauge = new Gauge({ name, help, registers: [registry], collect: () => made.set(read()) });
}
