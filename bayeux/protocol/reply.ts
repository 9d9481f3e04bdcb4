/**
 * What goes back: replies as JSON text. A reply carries `successful` and never `data`; a delivered event carries `data`
 * and never `successful`. CometD's clients from 2.x to 9.x tell the two apart by that rule alone.
 */

/** The fields of a reply; everything but the channel and the outcome is optional, and `…Json` fields are JSON already. */
export interface ReplyFields {
  readonly channel: string | undefined;
  readonly idJson: string | undefined;
  readonly error?: string | undefined;
  readonly subscriptionJson?: string | undefined;
  readonly adviceJson?: string | undefined;
  readonly extJson?: string | undefined;
  readonly timestamp?: string | undefined;
}

/**
 * The id of a message as JSON, to be echoed. Undefined when there is none, or when it is neither a string nor a finite
 * number: then there is nothing a client could match.
 */
export function idJson(id: unknown): string | undefined {
  if (typeof id === 'string') return isDigits(id) ? `"${id}"` : JSON.stringify(id);
  if (typeof id === 'number' && Number.isFinite(id)) return String(id);
  return undefined;
}

/** Clients count ids in decimal strings; those need no escaping. */
function isDigits(id: string): boolean {
  if (id.length > 16) return false;
  for (let at = 0; at < id.length; at++) {
    const code = id.charCodeAt(at);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

/** One reply as JSON. It is successful exactly when it has no `error`. */
export function renderReply(fields: ReplyFields): string {
  let json = fields.idJson === undefined ? '{' : `{"id":${fields.idJson},`;
  if (fields.channel !== undefined) json += `"channel":${JSON.stringify(fields.channel)},`;
  json +=
    fields.error === undefined
      ? '"successful":true'
      : '"successful":false,"error":' + JSON.stringify(fields.error);
  if (fields.subscriptionJson !== undefined) json += ',"subscription":' + fields.subscriptionJson;
  if (fields.adviceJson !== undefined) json += ',"advice":' + fields.adviceJson;
  if (fields.timestamp !== undefined) json += `,"timestamp":"${fields.timestamp}"`;
  if (fields.extJson !== undefined) json += ',"ext":' + fields.extJson;
  return json + '}';
}

/** The reply to a message on a channel known to need no escaping, with nothing but the outcome: the hot path. */
export function renderPlainSuccess(id: string | undefined, channel: string): string {
  return id === undefined
    ? `{"channel":"${channel}","successful":true}`
    : `{"id":${id},"channel":"${channel}","successful":true}`;
}

/** `ext` of a reply from its parts, each `"key":json`. Undefined when nothing was negotiated. */
export function extJson(parts: readonly (string | undefined)[]): string | undefined {
  let json = '';
  for (const part of parts) {
    if (part === undefined) continue;
    json += json === '' ? part : ',' + part;
  }
  return json === '' ? undefined : `{${json}}`;
}
