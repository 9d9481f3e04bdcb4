import type { IncomingMessage } from 'node:http';

/** A body read whole, or that it was longer than allowed. */
export type Body = { readonly text: string } | 'tooLarge';

/**
 * Reads a body of at most `maxBytes` as UTF-8; characters split over chunks stay whole. `done` is called once, or never when
 * the client goes away before the end.
 */
export function readBody(request: IncomingMessage, maxBytes: number, done: (body: Body) => void): void {
  const declared = request.headers['content-length'];
  if (declared !== undefined && Number(declared) > maxBytes) {
    done('tooLarge');
    return;
  }
  let first: Buffer | undefined;
  let more: Buffer[] | undefined;
  let length = 0;
  let isOver = false;
  request.on('data', (chunk: Buffer) => {
    if (isOver) return;
    length += chunk.length;
    if (length > maxBytes) {
      isOver = true;
      first = undefined;
      more = undefined;
      done('tooLarge');
    } else if (first === undefined) {
      first = chunk;
    } else {
      more ??= [first];
      more.push(chunk);
    }
  });
  request.on('end', () => {
    if (isOver) return;
    const whole = more === undefined ? first : Buffer.concat(more);
    done({ text: whole === undefined ? '' : whole.toString('utf8') });
  });
}
