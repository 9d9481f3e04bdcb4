import type { CpuProfile } from '../push/profile.ts';

/** What a server's processor time is spent in, as a results page says it. */
export const kinds = {
  http: 'node:http, streams and sockets, in JavaScript',
  writing: 'the system calls that write answers',
  outside: 'outside JavaScript: reading, parsing HTTP, waiting',
  collector: 'garbage collection on the main thread',
  v8: "V8's other threads: compiling, collecting",
  store: 'the store: JSON of the log, the thread that writes',
  push: 'Bayeux: sessions, messages, queues',
  chat: 'sign-in, forms, rules, the log, views, answers',
} as const;

export type Kind = keyof typeof kinds;

const writes = new Set(['writeUtf8String', 'writeLatin1String', 'writeAsciiString', 'writeBuffer', 'writev']);

/** Innermost folder first: the journal is part of the server. */
const folders: readonly (readonly [part: string, kind: Kind])[] = [
  ['/server/journal/', 'store'],
  ['/bayeux/', 'push'],
  ['/node_modules/cometd-nodejs-server/', 'push'],
];

type Frame = CpuProfile['nodes'][number]['callFrame'];

/**
 * Of a function's own time; undefined for time that the thread did nothing in. A platform function counts for its caller's
 * kind. In `postMessage` a thread stands while the one that it has woken runs on the same core, which counts that time itself.
 */
function kindOf({ functionName, url }: Frame, callersKind: Kind): Kind | undefined {
  if (functionName === '(idle)' || (functionName === 'postMessage' && url === '')) return undefined;
  if (functionName === '(garbage collector)') return 'collector';
  if (functionName === '(program)' || functionName === '(root)') return 'outside';
  if (writes.has(functionName) && url === '') return 'writing';
  if (url === '') return callersKind;
  if (url.startsWith('node:')) return 'http';
  return folders.find(([part]) => url.includes(part))?.[1] ?? 'chat';
}

/** The shares, of 1, that each kind has in the last `measureMs` of a thread before it had nothing more to do. */
export function sharesByKind(profile: CpuProfile, measureMs: number): Record<Kind, number> {
  const kindOfNode = kindsOfNodes(profile);
  const samples = timed(profile).map(({ id, us, atUs }) => ({ kind: kindOfNode.get(id), us, atUs }));
  const lastUs = samples.findLast(({ kind }) => kind !== undefined)?.atUs ?? 0;
  const spent = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, 0])) as Record<Kind, number>;
  let busyUs = 0;
  for (const { kind, us, atUs } of samples) {
    if (kind === undefined || lastUs - atUs >= measureMs * 1000) continue;
    spent[kind] += us;
    busyUs += us;
  }
  if (busyUs === 0) throw new Error('the profile holds no time in which anything was done');
  return Object.fromEntries(Object.entries(spent).map(([kind, us]) => [kind, us / busyUs])) as typeof spent;
}

function timed({ samples, timeDeltas, startTime }: CpuProfile): { id: number; us: number; atUs: number }[] {
  let atUs = startTime;
  return samples.map((id, at) => {
    const us = timeDeltas[at] ?? 0;
    atUs += us;
    return { id, us, atUs };
  });
}

/** Parents stand before their children in a profile. */
function kindsOfNodes({ nodes }: CpuProfile): ReadonlyMap<number, Kind | undefined> {
  const found = new Map<number, Kind | undefined>();
  const callers = new Map<number, Kind>();
  for (const { id, callFrame, children = [] } of nodes) {
    const kind = kindOf(callFrame, callers.get(id) ?? 'outside');
    found.set(id, kind);
    for (const child of children) callers.set(child, kind ?? 'outside');
  }
  return found;
}
