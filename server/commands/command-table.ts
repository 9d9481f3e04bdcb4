import type { Command } from './command.ts';

export interface CommandEntry {
  readonly name: string;
  /** What stands behind the name, as the usage shows it. */
  readonly usage: string;
  /** A clause for the list of commands. */
  readonly summary: string;
  /** Loads the command's module: whatever another command needs is not loaded. */
  readonly load: () => Promise<Command>;
}

/** Every command of `parley`, in the order in which help lists them. Without a name the first one runs. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: 'start',
    usage: '',
    summary: 'runs the server',
    load: () => import('../main.ts'),
  },
  {
    name: 'verify',
    usage: '[--data-folder DIR] [--database URL]',
    summary: 'proves that every chat is whole and that lists, searches, audit and files agree with it',
    load: () => import('./verify.ts'),
  },
  {
    name: 'backup',
    usage: '--to FILE [--data-folder DIR]',
    summary: 'copies the embedded store into a file while the server runs, and verifies the copy',
    load: () => import('./backup.ts'),
  },
  {
    name: 'migrate',
    usage: '--from DIR|URL --to DIR|URL',
    summary: 'copies a store into an empty one and compares the checksums of both',
    load: () => import('./migrate.ts'),
  },
  {
    name: 'load',
    usage: '[--url URL] [--customers N] [--agents M] [--minutes T] [--report FILE.html] … (docs/load.md)',
    summary: 'plays customers and agents against a server and says what was lost, doubled or late',
    // A client like any other: nothing else of the server knows it.
    load: () => import('@parley/load/command.ts'),
  },
];
