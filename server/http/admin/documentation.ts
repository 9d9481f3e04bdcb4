import { readFileSync } from 'node:fs';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

let parsed: object | undefined;

/** Hundreds of kilobytes: read once, however many servers live in the process. */
function apiDocument(): object {
  const file = new URL('../../../openapi.json', import.meta.url);
  return (parsed ??= JSON.parse(readFileSync(file, 'utf8')) as object);
}

/** The API's documentation, made from the contract (`npm run golden`), to be read and tried out at `/docs`. */
export async function registerDocumentation(server: FastifyInstance): Promise<void> {
  await server.register(swagger, { mode: 'static', specification: { document: apiDocument() as never } });
  await server.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
}
