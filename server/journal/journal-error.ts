/**
 * Why the store cannot do what was asked.
 *
 * - `unusable`: it cannot be opened; the message names the path and what to do.
 * - `damaged`: what is stored is not what was written; the message says what and what to do. The rest can still be read.
 * - `failed`: a commit failed earlier; nothing is accepted any more (see `Journal`).
 * - `overloaded`: too much waits for the disk or for the readers; try again later, nothing was changed.
 * - `full`: there is no room on the disk; try again later, nothing was changed.
 * - `closed`: `close` was called.
 */
export type JournalErrorCode = 'unusable' | 'damaged' | 'failed' | 'overloaded' | 'full' | 'closed';

/** An error of the store whose message is one sentence for the operator. */
export class JournalError extends Error {
  readonly code: JournalErrorCode;

  constructor(code: JournalErrorCode, message: string) {
    super(message);
    this.name = 'JournalError';
    this.code = code;
  }
}
