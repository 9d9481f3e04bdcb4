import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { routes } from '@parley/contract/routes.ts';

export interface OperatorRoutesOptions {
  readonly version: string;
  readonly metrics: Registry;
  /** True from the moment the server begins to drain: load balancers must look elsewhere. */
  readonly isDraining: () => boolean;
  /** True while there is no room on the disk: reads go on, so this is no reason to look elsewhere. */
  readonly isFull: () => boolean;
}

/** What operators' tools ask: is it up, how does it do. */
export function registerOperatorRoutes(server: FastifyInstance, options: OperatorRoutesOptions): void {
  const { version, metrics, isDraining, isFull } = options;
  server.get(routes.getHealth.path, async (_request, reply) => {
    if (isDraining()) return reply.code(503).send({ status: 'draining', version });
    return reply.send({ status: isFull() ? 'full' : 'up', version });
  });
  server.get(routes.getMetrics.path, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.metrics()),
  );
}
