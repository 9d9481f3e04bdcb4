import { ConfigError } from './config/problem.ts';
import { JournalError } from './journal/journal-error.ts';
import { ListenRefused } from './listen-policy.ts';

/** Why the server did not start, for the terminal, and the code to exit with. */
export interface StartupFailure {
  readonly sentence: string;
  readonly exitCode: number;
}

/** What was being opened; known once the configuration is. */
export interface StartupTarget {
  readonly host: string;
  readonly port: number;
  readonly dataFolder: string;
}

/** A mistake in the configuration: starting again will not help (EX_CONFIG of sysexits.h). */
const configExit = 78;
const failureExit = 1;

const listening: Readonly<Record<string, (target: StartupTarget) => string>> = {
  EADDRINUSE: ({ host, port }) =>
    `Port ${port} on ${host} is in use; stop what uses it or set PARLEY_PORT to another (0 takes any free one).`,
  EACCES: ({ host, port }) =>
    `The system does not let this user listen on port ${port} of ${host}; set PARLEY_PORT to one above 1023.`,
  EADDRNOTAVAIL: ({ host }) => `This machine has no address ${host}; set PARLEY_HOST to one it has.`,
  ENOTFOUND: ({ host }) => `There is no host ${host}; set PARLEY_HOST to an address of this machine.`,
  EAI_AGAIN: ({ host }) =>
    `The host ${host} could not be looked up; set PARLEY_HOST to an address of this machine.`,
};

const dataFolderCauses: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'a file of that name is in the way',
  ENOENT: 'the folder above it does not exist',
  ENOSPC: 'the disk is full',
  ENAMETOOLONG: 'the path is too long',
};

/**
 * What the operator is told when the server cannot start: one sentence without a stack (a bad configuration lists its
 * mistakes). Null when the error is not one that an operator can do something about: then it is a fault of the
 * program, and its stack is the best there is.
 */
export function explainStartupError(error: unknown, target?: StartupTarget): StartupFailure | null {
  if (error instanceof ConfigError || error instanceof ListenRefused) {
    return { sentence: error.message, exitCode: configExit };
  }
  if (error instanceof JournalError) return { sentence: error.message, exitCode: failureExit };
  if (!(error instanceof Error) || !target) return null;
  const { code, syscall = '' } = error as NodeJS.ErrnoException;
  if (code === undefined) return null;
  const ofListening = /^(listen|bind|getaddrinfo)/.test(syscall) ? listening[code] : undefined;
  if (ofListening) return { sentence: ofListening(target), exitCode: failureExit };
  const cause = /^(open|mkdir|access|stat|write|unlink)/.test(syscall) ? dataFolderCauses[code] : undefined;
  if (cause === undefined) return null;
  const sentence = `The data folder ${target.dataFolder} cannot be used: ${cause}; set PARLEY_DATA to another.`;
  return { sentence, exitCode: failureExit };
}
