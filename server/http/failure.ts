import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { FailureReply } from '@parley/contract/gws/replies.ts';
import { refusalOfBusyStore } from '../operations/take.ts';
import type { Traffic } from '../telemetry/traffic.ts';
import { refusals, refuse, retryAfter, type Refusal, type RefusalCode } from '@parley/contract/refusals.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** What goes through the doors of this server. */
    traffic: Traffic;
  }
}

/** The body of a refused request on the agent API (gws-agent-api §1.2). */
export function failureBody(refusal: Refusal): FailureReply {
  const { statusCode, sentence } = refusals[refusal.refused];
  return { statusCode, statusMessage: refusal.detail ?? sentence };
}

/** Answers a refused request of the agent API; what may be tried again later says when. */
export function sendFailure(reply: FastifyReply, refusal: Refusal): FastifyReply {
  reply.server.traffic.refused(refusal.refused);
  const retry = retryAfter(refusal);
  if (retry !== undefined) reply.header('retry-after', retry);
  return reply.code(refusals[refusal.refused].httpStatus).send(failureBody(refusal));
}

const byFrameworkCode: Readonly<Record<string, RefusalCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BodyTooLarge',
  FST_ERR_CTP_INVALID_JSON_BODY: 'InvalidParameter',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'MissingParameter',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'InvalidParameter',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'InvalidParameter',
};

const details: Partial<Record<string, string>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'The request body is not valid JSON.',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The request has no body; it must be a JSON object with "operationName".',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'The request body must be of type application/json.',
};

/**
 * The refusal for what was thrown while a request was read or carried out. What is not the client's fault is Internal:
 * it tells the client nothing and the log everything.
 */
export function refusalOf(error: FastifyError, request: FastifyRequest): Refusal {
  const refused = byFrameworkCode[error.code];
  if (refused) return refuse(refused, details[error.code]);
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
    return refuse('InvalidParameter', error.message);
  const busy = refusalOfBusyStore(error);
  if (busy) return busy;
  request.log.error({ err: error }, 'request failed');
  return refuse('Internal');
}
