/**
 * `/meta/connect` (Bayeux 1.0 §4.2): the heartbeat, and over HTTP the pipe that events arrive by.
 *
 * A request MUST carry `clientId` and `connectionType`; like CometD's server we do not read the latter, because the
 * transport is plain from where the message came. `advice.timeout: 0` asks for an answer at once. `advice.interval`
 * tells how long the client will stay away, and so lengthens the life of its session.
 */

import { isRecord, type InboundMessage } from './message.ts';
import { renderPlainSuccess, renderReply } from './reply.ts';

/** What one connect asks for. */
export interface ConnectRequest {
  /** Milliseconds to hold; undefined when the client left it to the server. */
  readonly timeoutMs: number | undefined;
  /** Milliseconds the client will wait before its next connect; undefined when it did not say. */
  readonly intervalMs: number | undefined;
  /** True when the request carried advice: then the reply carries some too. */
  readonly advised: boolean;
}

const plainRequest: ConnectRequest = { timeoutMs: undefined, intervalMs: undefined, advised: false };

/** Reads a connect; advice of the wrong shape counts as none. */
export function readConnect(message: InboundMessage): ConnectRequest {
  const advice = message.advice;
  if (advice === undefined || !isRecord(advice)) return plainRequest;
  return {
    timeoutMs: milliseconds(advice['timeout']),
    intervalMs: milliseconds(advice['interval']),
    advised: true,
  };
}

function milliseconds(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value) ? value : undefined;
}

/** The reply to a connect of a live session. */
export function connectReply(fields: {
  readonly idJson: string | undefined;
  readonly adviceJson: string | undefined;
  readonly extJson: string | undefined;
  readonly timestamp: string | undefined;
}): string {
  if (fields.adviceJson === undefined && fields.extJson === undefined && fields.timestamp === undefined) {
    return renderPlainSuccess(fields.idJson, '/meta/connect');
  }
  return renderReply({ channel: '/meta/connect', ...fields });
}
