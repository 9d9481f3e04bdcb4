/** Callback-polling (JSONP): messages in the query of a GET, the reply as a call of a function the page named. */

/** A callback-polling request. */
export interface CallbackRequest {
  readonly callback: string;
  /** The JSON texts of its `message` parameters. */
  readonly texts: readonly string[];
}

/** Names that jQuery and Dojo make up fit; nothing that could be code of its own does. */
const callbackPattern = /^[A-Za-z0-9._-]{1,64}$/;

/** Reads a callback-polling request; undefined when the callback or the messages are missing or malformed. */
export function readCallbackRequest(url: string): CallbackRequest | undefined {
  const at = url.indexOf('?');
  if (at < 0) return undefined;
  const query = new URLSearchParams(url.slice(at + 1));
  const callback = query.get('jsonp');
  const texts = query.getAll('message');
  if (callback === null || !callbackPattern.test(callback) || texts.length === 0) return undefined;
  return { callback, texts };
}
