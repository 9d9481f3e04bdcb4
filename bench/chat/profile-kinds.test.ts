import { expect, test } from 'vitest';
import type { CpuProfile } from '../push/profile.ts';
import { sharesByKind } from './profile-kinds.ts';

type Node = CpuProfile['nodes'][number];

function node(id: number, functionName: string, rest: { url?: string; children?: number[] } = {}): Node {
  return {
    id,
    callFrame: { functionName, url: rest.url ?? '', lineNumber: 0 },
    children: rest.children ?? [],
  };
}

const nodes = [
  node(1, '(root)', { children: [2, 3, 4, 9, 10] }),
  node(2, '(idle)'),
  node(3, '(garbage collector)'),
  node(4, 'emit', { url: 'node:events', children: [5, 7] }),
  node(5, 'append', { url: 'file:///parley/server/journal/group-commit.ts', children: [6] }),
  node(6, 'stringify'),
  node(7, 'take', { url: 'file:///parley/server/http/gms/customer-door.ts', children: [8] }),
  node(8, 'writeUtf8String'),
  node(9, '(program)'),
  node(10, 'postMessage'),
];

function profile(samples: readonly (readonly [id: number, us: number])[]): CpuProfile {
  const durationUs = samples.reduce((sum, [, us]) => sum + us, 0);
  return {
    startTime: 1_000,
    endTime: 1_000 + durationUs,
    nodes,
    samples: samples.map(([id]) => id),
    timeDeltas: samples.map(([, us]) => us),
  };
}

test('own time counts for the folder of its function, that of the platform for who called it; idling counts for nothing', () => {
  const samples = [
    [3, 100],
    [4, 200],
    [5, 50],
    [6, 150],
    [7, 300],
    [8, 100],
    [9, 100],
    [10, 700],
    [2, 9_000],
  ] as const;
  expect(sharesByKind(profile(samples), 1_000)).toEqual({
    collector: 0.1,
    http: 0.2,
    store: 0.2,
    chat: 0.3,
    writing: 0.1,
    outside: 0.1,
    push: 0,
    v8: 0,
  });
});

test('what was before the last of the measured time is left out', () => {
  const samples = [
    [5, 500_000],
    [7, 600],
    [4, 400],
    [2, 2_000_000],
  ] as const;
  expect(sharesByKind(profile(samples), 1)).toMatchObject({ chat: 0.6, http: 0.4, store: 0 });
});

test('a profile of a thread that did nothing is refused', () => {
  expect(() => sharesByKind(profile([[2, 10]]), 1)).toThrow('no time');
  expect(() => sharesByKind(profile([]), 1)).toThrow('no time');
});
