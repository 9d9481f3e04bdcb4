import { CustomerFailure, CustomerReply } from '@parley/contract/gms/replies.ts';
import { refusals } from '@parley/contract/refusals.ts';
import Type from 'typebox';
import { Compile } from 'typebox/compile';

/** What came back. `way`: by which of the doors the request went in. */
export interface HostileAnswer {
  readonly way: 'customer' | 'api' | 'push' | 'other' | 'bytes';
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

const customerAnswer = Compile(Type.Union([CustomerReply, CustomerFailure]));
/** Of the refusals, and those that HTTP itself asks for: continue, method, upgrade, header size, time-out. */
const statuses = new Set<number>([
  ...Object.values(refusals).map(({ httpStatus }) => httpStatus),
  ...[200, 204, 304, 400, 402, 404, 405, 408, 411, 413, 414, 415, 417, 426, 429, 431],
]);

/** Traces of the program, of its machine and of what must stay secret. */
const leaks =
  /\n {4}at |node_modules|\.ts:\d+|file:\/\/\/(?!etc)|passwordHash|secureKeyDigest|scrypt\$|SQLITE_|SqliteError|TypeError|RangeError|ReferenceError/;

/** What is wrong with an answer; null when it is one that the documents allow. */
export function problemOf({ way, status, headers, body }: HostileAnswer): string | null {
  if (headers['x-injected'] !== undefined) return 'a header was put in';
  if (leaks.test(body)) return 'it tells of the inside';
  if (status === 0) return way === 'bytes' ? null : 'there is no answer';
  if (status >= 500 && !isDocumentedFault(status, body, way)) return `status ${status}`;
  if (status < 500 && !statuses.has(status)) return `status ${status} is not documented`;
  const type = String(headers['content-type'] ?? '');
  // What no HTTP server would take is answered by the libraries: with a sentence of theirs, and nothing of the request.
  const mayBeHtml = way === 'other' || (way === 'bytes' && !body.includes('<'));
  if (/html|svg|javascript/.test(type) && !mayBeHtml) return `content type ${type}`;
  if (isFile(headers)) return null;
  switch (way) {
    case 'customer':
      // What is no path of the customer API, and headers beyond all bounds, is answered by the agent API.
      if ((status === 404 || status === 431) && isFailure(parsed(body))) return null;
      return customerAnswer.Check(parsed(body)) ? null : 'it is no answer of the customer API';
    case 'api':
      return isFailure(parsed(body)) || (body === '' && status === 204)
        ? null
        : 'it is no answer of the agent API';
    case 'push':
      return status >= 400 || Array.isArray(parsed(body)) ? null : 'it is no answer of Bayeux';
    default:
      return null;
  }
}

/** What is saved and never shown by a browser. */
function isFile(headers: HostileAnswer['headers']): boolean {
  return (
    String(headers['content-disposition']).startsWith('attachment') &&
    headers['x-content-type-options'] === 'nosniff'
  );
}

function isDocumentedFault(status: number, body: string, way: HostileAnswer['way']): boolean {
  // A held connect that is given up for a newer one of its session (bayeux §A). What went wrong is in the server's log as well,
  // and nothing may be there.
  if (status === 500 && way === 'push' && body === '') return true;
  // ChannelNotServed has the status of an internal error, as in the original (gws-agent-api §1.2).
  if (status === 500) return isFailure(parsed(body)) && /"Channel '.*' is not served here\."/.test(body);
  if (status !== 503) return false;
  return way === 'push' || isFailure(parsed(body)) || customerAnswer.Check(parsed(body));
}

function isFailure(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && 'statusCode' in value && Number.isInteger(value.statusCode)
  );
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
