/** A message as the server sent it, checked by `readAnswer`. */
export type Answer = { events: Record<string, unknown>[]; replies: Record<string, unknown>[] };

/**
 * Reads a body or frame and throws, with the text, unless it is a well-formed answer: an array of objects; a reply has
 * `successful` and no `data`, an event has `data` and no `successful`, an error is `ccc:arguments:text`, a failed
 * handshake or connect carries advice, and `clientId` is nowhere but in the reply to a handshake.
 */
export function readAnswer(text: string): Answer {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Error(`not JSON: ${text.slice(0, 500)}`);
  }
  if (!Array.isArray(parsed)) throw new Error(`not an array: ${text.slice(0, 500)}`);
  const answer: Answer = { events: [], replies: [] };
  for (const element of parsed as unknown[]) {
    const fault = faultOf(element);
    if (fault !== undefined) throw new Error(`${fault}: ${JSON.stringify(element).slice(0, 500)}`);
    const message = element as Record<string, unknown>;
    (Object.hasOwn(message, 'data') ? answer.events : answer.replies).push(message);
  }
  return answer;
}

const fields = new Set([
  ...['channel', 'id', 'successful', 'error', 'data', 'ext', 'advice', 'subscription', 'clientId', 'version'],
  ...['minimumVersion', 'supportedConnectionTypes', 'timestamp'],
]);

function faultOf(element: unknown): string | undefined {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) return 'not a message';
  const message = element as Record<string, unknown>;
  const stranger = Object.keys(message).find((key) => !fields.has(key));
  if (stranger !== undefined) return `field ${stranger}`;
  const { channel, successful, error, advice, clientId } = message;
  if (Object.hasOwn(message, 'data')) return faultOfEvent(message);
  if (typeof successful !== 'boolean') return 'a reply without outcome';
  if (channel !== undefined && typeof channel !== 'string') return 'channel is no string';
  if (successful === (error !== undefined)) return 'outcome and error disagree';
  if (error !== undefined && !/^\d{3}:[^:]*:.+$/s.test(String(error))) return 'no Bayeux error';
  if (clientId !== undefined && (channel !== '/meta/handshake' || !successful))
    return 'a clientId given away';
  if (!successful && channel === '/meta/handshake' && !isAdvice(advice)) return 'a refusal without advice';
  if (advice !== undefined && !isAdvice(advice)) return 'half an advice';
  return undefined;
}

function faultOfEvent(message: Record<string, unknown>): string | undefined {
  if (Object.hasOwn(message, 'successful')) return 'an event with an outcome';
  if (Object.hasOwn(message, 'clientId')) return 'an event with a clientId';
  if (typeof message['channel'] !== 'string') return 'an event without channel';
  // The id of a request stays on a service's answer, so that a remote call finds it, and on nothing else.
  if (Object.hasOwn(message, 'id') && !message['channel'].startsWith('/service/'))
    return 'a broadcast with an id';
  return undefined;
}

function isAdvice(advice: unknown): boolean {
  if (typeof advice !== 'object' || advice === null) return false;
  const { reconnect, interval, timeout } = advice as Record<string, unknown>;
  const actions: unknown[] = ['retry', 'handshake', 'none'];
  return actions.includes(reconnect) && typeof interval === 'number' && typeof timeout === 'number';
}
