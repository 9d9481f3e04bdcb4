/** The few request headers this engine reads, in one pass over what the parser left. */

/** Header values; the first of each name counts. */
export interface RequestHeaders {
  origin: string | undefined;
  host: string | undefined;
  cookie: string | undefined;
  contentType: string | undefined;
  contentLength: string | undefined;
}

/**
 * Reads `rawHeaders`, names and values in turn. `request.headers` would build an object of all of them, which costs more than
 * the rest of a short request together; names are told apart by their length before they are compared.
 */
export function readHeaders(rawHeaders: readonly string[]): RequestHeaders {
  const headers: RequestHeaders = {
    origin: undefined,
    host: undefined,
    cookie: undefined,
    contentType: undefined,
    contentLength: undefined,
  };
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    switch (name.length) {
      case 4:
        if (isNamed(name, 'host')) headers.host ??= rawHeaders[at + 1];
        break;
      case 6:
        if (isNamed(name, 'cookie')) headers.cookie ??= rawHeaders[at + 1];
        else if (isNamed(name, 'origin')) headers.origin ??= rawHeaders[at + 1];
        break;
      case 12:
        if (isNamed(name, 'content-type')) headers.contentType ??= rawHeaders[at + 1];
        break;
      case 14:
        if (isNamed(name, 'content-length')) headers.contentLength ??= rawHeaders[at + 1];
        break;
    }
  }
  return headers;
}

function isNamed(name: string, wanted: string): boolean {
  return name === wanted || name.toLowerCase() === wanted;
}
