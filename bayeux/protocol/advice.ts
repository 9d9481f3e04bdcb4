/**
 * Advice: what the server asks of a client (Bayeux 1.0 §2.4.4). CometD's JavaScript client replaces all of its advice by
 * whatever arrives, so the three main fields always travel together.
 */
export interface Advice {
  /** `retry`: send the next connect; `handshake`: start again; `none`: stop for good. */
  readonly reconnect: 'retry' | 'handshake' | 'none';
  /** Milliseconds to wait before the next connect. */
  readonly interval: number;
  /** Milliseconds the server holds a connect. */
  readonly timeout: number;
  /** Milliseconds without contact, beyond `timeout + interval`, after which a client shakes hands at once. */
  readonly maxInterval?: number;
  /** Another page of the same browser already holds as many connects as it may. */
  readonly 'multiple-clients'?: true;
}

/** Advice as JSON, in the field order of CometD's own replies. */
export function adviceJson(advice: Advice): string {
  let json = `{"reconnect":"${advice.reconnect}","interval":${advice.interval},"timeout":${advice.timeout}`;
  if (advice.maxInterval !== undefined) json += `,"maxInterval":${advice.maxInterval}`;
  if (advice['multiple-clients'] === true) json += ',"multiple-clients":true';
  return json + '}';
}
