import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import { idempotencyKeyHeader, parseIdempotencyKey, replayedHeader } from '@parley/contract/idempotency.ts';
import type { Refusal } from '@parley/contract/refusals.ts';

const headerName = idempotencyKeyHeader.toLowerCase();

/** The idempotency key of a request; undefined when it has none, a refusal when what stands there is no key. */
export function idempotencyKeyOf(
  headers: IncomingHttpHeaders,
  minLength?: number,
): string | Refusal | undefined {
  const given = headers[headerName];
  // Node joins repeated headers with a comma and a space, and a key has no spaces.
  return given === undefined ? undefined : parseIdempotencyKey(String(given), minLength);
}

/** Says that the answer stands for an earlier request. */
export function markReplayed(reply: FastifyReply): void {
  reply.header(replayedHeader, 'true');
}
