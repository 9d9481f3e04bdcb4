/**
 * Reads what `strace -f -y` recorded of a process that acknowledges durable writes, and finds every acknowledgement
 * that left too early. kill -9 cannot show this: the kernel keeps what a dead process wrote (reliability plan, R1).
 *
 * The traced process writes markers of the form `<m123>` into the store and acknowledges each with a line `ack m123`.
 */

/** What the trace shows, by marker. */
export interface TraceReading {
  readonly acknowledged: readonly string[];
  /** Acknowledged before a sync that began after the write had ended was over, or never written at all. */
  readonly early: readonly string[];
}

interface Call {
  readonly name: string;
  readonly target: string;
  readonly text: string;
}

const callPattern = /^(\d+)\s+(\w+)\((?:\d+)?(?:<([^>]*)>)?(.*)$/s;
const resumedPattern = /^(\d+)\s+<\.\.\. (\w+) resumed>/;

/** `isLog` tells which files the store logs to, by path. */
export function readTrace(trace: string, isLog: (path: string) => boolean): TraceReading {
  const acknowledged: string[] = [];
  const early: string[] = [];
  /** Markers written and not known to be on disk. */
  const dirty = new Set<string>();
  const safe = new Set<string>();
  const unfinished = new Map<string, { readonly call: Call; readonly covers: readonly string[] }>();

  const end = (call: Call, covers: readonly string[], line: string): void => {
    if (isWrite(call)) for (const marker of markersIn(call.text)) dirty.add(marker);
    for (const marker of covers) {
      // After a failed sync the kernel may have dropped the pages: a later one that succeeds proves nothing for them.
      dirty.delete(marker);
      if (!failed(line)) safe.add(marker);
    }
  };

  for (const line of trace.split('\n')) {
    const resumed = resumedPattern.exec(line);
    if (resumed) {
      const [, pid = ''] = resumed;
      const begun = unfinished.get(pid);
      unfinished.delete(pid);
      if (begun) end(begun.call, begun.covers, line);
      continue;
    }
    const match = callPattern.exec(line);
    if (!match) continue;
    const [, pid = '', name = '', target = '', text = ''] = match;
    const call = { name, target, text };
    for (const [, marker = ''] of name === 'write' ? text.matchAll(/ack (m\d+)\b/g) : []) {
      acknowledged.push(marker);
      if (!safe.has(marker)) early.push(marker);
    }
    if (!isLog(target)) continue;
    // A sync covers what was written when it began, nothing that was written meanwhile.
    const covers = isSync(call) ? [...dirty] : [];
    if (line.includes('<unfinished ...>')) unfinished.set(pid, { call, covers });
    else end(call, covers, line);
  }
  return { acknowledged, early };
}

function isWrite(call: Call): boolean {
  return /^(pwrite|write)/.test(call.name);
}

function isSync(call: Call): boolean {
  return call.name === 'fdatasync' || call.name === 'fsync';
}

function failed(line: string): boolean {
  return /= -1 E[A-Z]+/.test(line.slice(-200));
}

function markersIn(text: string): string[] {
  return [...text.matchAll(/<(m\d+)>/g)].map((match) => match[1] ?? '');
}
