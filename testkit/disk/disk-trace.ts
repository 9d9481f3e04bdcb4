/**
 * Reads what `strace -f -y -xx` recorded of a process as the steps that its disk saw, and the lines that it
 * acknowledged with. Paths are absolute.
 */

/** Something that changes a file or a folder. Before a sync covers it, a machine that loses power may lose it. */
export type DiskChange =
  | { readonly type: 'write'; readonly path: string; readonly offset: number; readonly bytes: Buffer }
  | { readonly type: 'truncate'; readonly path: string; readonly length: number }
  | { readonly type: 'create'; readonly path: string }
  | { readonly type: 'remove'; readonly path: string };

export type DiskStep =
  | DiskChange
  /** A sync covers what was there when it began, from the moment when it has ended. */
  | { readonly type: 'sync begins'; readonly path: string; readonly thread: string }
  | { readonly type: 'sync ends'; readonly thread: string }
  /** The kernel may have dropped what it should have covered: a later one that succeeds proves nothing for that. */
  | { readonly type: 'sync fails'; readonly thread: string }
  /** Text that was written to the file of acknowledgements. */
  | { readonly type: 'acknowledge'; readonly text: string };

export interface DiskTraceOptions {
  /** Files and folders outside are not looked at. */
  readonly folder: string;
  readonly acknowledgementsPath: string;
}

/** The system calls that a trace must hold. */
export const tracedCalls = [
  ...['openat', 'pwrite64', 'pwritev', 'pwritev2', 'write', 'writev', 'fdatasync', 'fsync', 'ftruncate'],
  ...[
    'truncate',
    'fallocate',
    'sync_file_range',
    'unlink',
    'unlinkat',
    'rename',
    'renameat',
    'renameat2',
    'link',
  ],
];

const callPattern = /^(\d+) +(\w+)\((.*)$/s;
const resumedPattern = /^(\d+) +<\.\.\. \w+ resumed>(.*)$/s;
const resultPattern = / = (-?\d+)[^=]*$/;
const unfinishedMark = ' <unfinished ...>';

interface Call {
  readonly name: string;
  readonly thread: string;
  /** Arguments as strace prints them. */
  readonly args: string;
}

/** The steps in the order of the trace. Throws where the trace holds something of the folder that has no step. */
export function readDiskTrace(trace: string, options: DiskTraceOptions): readonly DiskStep[] {
  const steps: DiskStep[] = [];
  const syncing = new Set<string>();
  for (const line of trace.split('\n')) {
    const [, resumedThread = '', rest = ''] = resumedPattern.exec(line) ?? [];
    if (resumedThread !== '') {
      if (syncing.delete(resumedThread)) steps.push(endOfSync(resumedThread, rest));
      continue;
    }
    const [, thread = '', name = '', text = ''] = callPattern.exec(line) ?? [];
    const isUnfinished = text.endsWith(unfinishedMark);
    // What failed has changed nothing. What has not ended yet may have changed something.
    if (name === '' || (!isUnfinished && result(text) < 0 && !syncs.has(name))) continue;
    const step = stepOf({ name, thread, args: text }, options);
    if (!step) continue;
    steps.push(step);
    if (step.type !== 'sync begins') continue;
    if (isUnfinished) syncing.add(thread);
    else steps.push(endOfSync(thread, text));
  }
  return steps;
}

const syncs = new Set(['fsync', 'fdatasync']);

function endOfSync(thread: string, text: string): DiskStep {
  return { type: result(text) === 0 ? 'sync ends' : 'sync fails', thread };
}

function stepOf(call: Call, { folder, acknowledgementsPath }: DiskTraceOptions): DiskStep | null {
  const { name, thread, args } = call;
  const path = pathOf(call);
  if (path === acknowledgementsPath)
    return name === 'write' ? { type: 'acknowledge', text: stringsIn(args)[0]?.toString() ?? '' } : null;
  // Shared memory is made anew from the log by whoever opens the database first.
  if ((path !== folder && !path.startsWith(`${folder}/`)) || path.endsWith('-shm')) return null;
  switch (name) {
    case 'openat':
      if (args.includes('O_TRUNC')) break;
      return args.includes('O_CREAT') ? { type: 'create', path } : null;
    case 'pwrite64':
      return written(path, args);
    case 'ftruncate':
      return { type: 'truncate', path, length: lastNumber(args) };
    case 'fsync':
    case 'fdatasync':
      return { type: 'sync begins', path, thread };
    case 'unlink':
      return { type: 'remove', path };
  }
  throw new Error(`${name} of ${path} is not understood`);
}

/** The file of a call: of its descriptor, or the first name among its arguments. */
function pathOf({ name, args }: Call): string {
  const isNamed =
    name === 'openat' || name.startsWith('unlink') || name.startsWith('rename') || name === 'link';
  if (isNamed || name === 'truncate') return stringsIn(args)[0]?.toString() ?? '';
  const [, path = ''] = /^\d+<((?:\\x..)*)>/.exec(args) ?? [];
  return bytesOf(path).toString();
}

/** `"bytes", length, offset` behind the descriptor. */
function written(path: string, args: string): DiskChange {
  const bytes = stringsIn(args)[0] ?? Buffer.alloc(0);
  const [, length, offset] = /", (\d+), (\d+)/.exec(args.slice(args.lastIndexOf('"'))) ?? [];
  if (bytes.length !== Number(length)) throw new Error(`the trace holds ${bytes.length} of ${length} bytes`);
  return { type: 'write', path, offset: Number(offset), bytes };
}

function lastNumber(args: string): number {
  const [, length] = /, (\d+)(?:\)| <)/.exec(args) ?? [];
  return Number(length);
}

function result(text: string): number {
  return Number(resultPattern.exec(text.slice(-200))?.[1] ?? -1);
}

function stringsIn(args: string): Buffer[] {
  return args
    .split('"')
    .filter((_, position) => position % 2 === 1)
    .map(bytesOf);
}

/** Of `\x50\x52`. */
function bytesOf(text: string): Buffer {
  return Buffer.from(text.replaceAll('\\x', ''), 'hex');
}
