import type { IncomingMessage } from 'node:http';

/** Who a body is read for. One of the two is called once, or neither when the client goes away before the end. */
export interface BodyReader {
  bodyRead(text: string): void;
  bodyTooLarge(): void;
}

/**
 * Reads a body of at most `maxBytes` as UTF-8; characters split over chunks stay whole. One that says it is longer is refused
 * before it comes.
 */
export function readBody(request: IncomingMessage, maxBytes: number, reader: BodyReader): void {
  const declared = request.headers['content-length'];
  if (declared !== undefined && Number(declared) > maxBytes) {
    reader.bodyTooLarge();
    return;
  }
  let first: Buffer | undefined;
  let more: Buffer[] | undefined;
  let length = 0;
  // The request lives as long as its connect is held, and these listeners with it: afterwards they must hold nothing.
  let waiting: BodyReader | undefined = reader;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > maxBytes) {
      first = undefined;
      more = undefined;
      waiting?.bodyTooLarge();
      waiting = undefined;
    } else if (first === undefined) {
      first = chunk;
    } else {
      more ??= [first];
      more.push(chunk);
    }
  });
  request.on('end', () => {
    const whole = more === undefined ? first : Buffer.concat(more);
    const done = waiting;
    first = undefined;
    more = undefined;
    waiting = undefined;
    done?.bodyRead(whole === undefined ? '' : whole.toString('utf8'));
  });
}
