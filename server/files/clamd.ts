import { createReadStream } from 'node:fs';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What the virus check says; `Unknown`, with the reason for the log, when it could not say. */
export type ScanVerdict =
  | { readonly verdict: 'Clean' }
  | { readonly verdict: 'Found'; readonly signature: string }
  | { readonly verdict: 'Unknown'; readonly why: string };

export interface ClamdOptions {
  readonly host: string;
  readonly port: number;
  /** From the connection to the answer. */
  readonly timeoutMs: number;
}

const longestAnswer = 4096;

/** Shows a file to clamd by INSTREAM (clamd(8)): chunks, each after its length in four bytes; a length of 0 ends them. */
async function* framed(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield Buffer.from('zINSTREAM\0');
  for await (const chunk of bytes) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(chunk.length);
    yield length;
    yield chunk;
  }
  yield Buffer.alloc(4);
}

/** Asks clamd about a file. Never rejects. */
export async function scanWithClamd(
  path: string,
  { host, port, timeoutMs }: ClamdOptions,
): Promise<ScanVerdict> {
  const socket = connect({ host, port });
  const signal = AbortSignal.timeout(timeoutMs);
  const abort = (): void => void socket.destroy(new Error(`no answer within ${timeoutMs} ms`));
  signal.addEventListener('abort', abort);
  try {
    const answer = readAnswer(socket);
    const sent = pipeline(Readable.from(framed(createReadStream(path))), socket, { end: false });
    // clamd may answer before it has read everything; what it then does not read any more is no failure.
    sent.catch(() => {});
    return verdictIn(await answer);
  } catch (error) {
    return { verdict: 'Unknown', why: error instanceof Error ? error.message : String(error) };
  } finally {
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}

async function readAnswer(socket: AsyncIterable<Buffer>): Promise<string> {
  let answer = '';
  for await (const chunk of socket) {
    answer += chunk.toString('latin1');
    const end = answer.indexOf('\0');
    if (end >= 0) return answer.slice(0, end);
    if (answer.length > longestAnswer) break;
  }
  throw new Error('clamd hung up without an answer');
}

function verdictIn(answer: string): ScanVerdict {
  if (answer === 'stream: OK') return { verdict: 'Clean' };
  const signature = /^stream: (.+) FOUND$/.exec(answer)?.[1];
  return signature === undefined
    ? { verdict: 'Unknown', why: `clamd answered "${answer.slice(0, 200)}"` }
    : { verdict: 'Found', signature };
}
