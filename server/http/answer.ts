import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { attachment } from '../domain/file-name.ts';
import type { OpenFile } from '../operations/stored-files.ts';

/** Headers of an answer; one that is undefined is left out. */
export type AnswerHeaders = Readonly<Record<string, string | number | string[] | undefined>>;

export interface Answer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body: string;
}

function setHeaders(response: ServerResponse, headers: AnswerHeaders): void {
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) response.setHeader(name, value);
}

/** What a client may still send, and for how long, once it has been answered. */
const lingerBytes = 16_777_216;
const lingerMs = 5000;

/**
 * Answers, perhaps before the request was read to its end. A client that is still sending would lose the answer if its
 * connection were closed at once, so what comes is thrown away for a while; then the connection ends.
 */
export function answerEarly(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (response.headersSent || response.destroyed) return;
  const { status, headers, body } = answer;
  setHeaders(response, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.statusCode = status;
  if (request.complete) {
    response.end(body);
    return;
  }
  response.shouldKeepAlive = false;
  response.write(body);
  let left = lingerBytes;
  const close = (): void => {
    clearTimeout(timer);
    request.off('data', onData);
    response.end();
  };
  const onData = ({ length }: Buffer): void => {
    left -= length;
    if (left < 0) close();
  };
  const timer = setTimeout(close, lingerMs);
  request.on('data', onData).once('end', close).once('close', close);
  request.resume();
}

/** A file is saved and never shown, whatever is in it; and no cache keeps it. */
function fileHeaders({ file }: OpenFile): AnswerHeaders {
  return {
    'content-type': file.mediaType,
    'content-length': file.size,
    'content-disposition': attachment(file.name),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
    'cache-control': 'private, no-store',
  };
}

/** Sends the bytes as fast as the client reads them. A client that goes away is no error. */
export async function sendFile(
  response: ServerResponse,
  opened: OpenFile,
  headers: AnswerHeaders,
): Promise<void> {
  if (response.destroyed) {
    opened.bytes.destroy();
    return;
  }
  setHeaders(response, { ...headers, ...fileHeaders(opened) });
  await pipeline(opened.bytes as Readable, response).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
}
