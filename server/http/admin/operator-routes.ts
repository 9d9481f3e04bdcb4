import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { routes } from '@parley/contract/routes.ts';

export interface OperatorRoutesOptions {
  readonly version: string;
  readonly metrics: Registry;
  /** True from the moment the server begins to drain: load balancers must look elsewhere. */
  readonly isDraining: () => boolean;
}

/** What operators' tools ask: is it up, how does it do. */
export function registerOperatorRoutes(server: FastifyInstance, options: OperatorRoutesOptions): void {
  const { version, metrics, isDraining } = options;
  server.get(routes.getHealth.path, async (_request, reply) => {
    const draining = isDraining();
    return reply.code(draining ? 503 : 200).send({ status: draining ? 'draining' : 'up', version });
  });
  server.get(routes.getMetrics.path, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.metrics()),
  );
}
