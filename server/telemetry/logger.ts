import { writeSync } from 'node:fs';
import { pino, type DestinationStream, type Logger } from 'pino';

export interface LoggerOptions {
  readonly level: string;
  /** Whether the log may hold what people wrote (`log.messageText`). */
  readonly messageText: boolean;
}

/** An error as far as it may stand in the log. */
interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: unknown;
  readonly stack: readonly string[];
  readonly cause?: LoggedError | undefined;
}

const deepestCause = 4;
const quoted = /"[^"]*"|'[^']*'|`[^`]*`|“[^”]*”/g;

/**
 * An error without what people wrote: errors quote what they were given (JSON.parse the text, `new URL` the URL, SQLite
 * the words), and some carry it as a property. Left are its type and code, its message with what is quoted left out, and
 * where it happened.
 */
function loggedError(error: unknown, depth = 0): LoggedError | undefined {
  if (error === undefined || error === null || depth > deepestCause) return undefined;
  if (!(error instanceof Error)) return { type: typeof error, message: '', stack: [] };
  const { code } = error as { readonly code?: unknown };
  const cause = loggedError(error.cause, depth + 1);
  return {
    type: error.name,
    // V8 quotes what it could not parse, and cuts it where it likes.
    message: error instanceof SyntaxError ? '' : error.message.replace(quoted, '"…"'),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    stack: (error.stack ?? '').split('\n').flatMap((line) => (/^ {4}at /.test(line) ? [line.trim()] : [])),
    ...(cause ? { cause } : {}),
  };
}

/** The server's logger. Unless it was asked for, no line holds what people wrote or who they are. */
export function createLogger({ level, messageText }: LoggerOptions, destination: DestinationStream): Logger {
  const serializers = {
    // A URL can hold what somebody looks for.
    req: ({ method }: { readonly method?: unknown }) => ({ method }),
    res: ({ statusCode }: { readonly statusCode?: unknown }) => ({ statusCode }),
    ...(messageText ? {} : { err: (error: unknown) => loggedError(error) }),
  };
  return pino({ level, serializers }, destination);
}

/** How often, and after which pause, a pipe that takes nothing at the moment is tried again. */
const mostPauses = 100;
const pauseMs = 10;
const clock = new Int32Array(new SharedArrayBuffer(4));

/** Standard error, written without delay. A line that cannot be written, as to a file on a full disk, is lost and ends nothing. */
export function standardError(): DestinationStream {
  return {
    write(line) {
      let rest = Buffer.from(line);
      for (let pauses = 0; rest.length > 0 && pauses < mostPauses;)
        try {
          rest = rest.subarray(writeSync(2, rest));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
          pauses += 1;
          Atomics.wait(clock, 0, 0, pauseMs);
        }
    },
  };
}
