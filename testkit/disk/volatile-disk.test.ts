import { seededRandom } from '@parley/server/routing/seeded-random.ts';
import { describe, expect, test } from 'vitest';
import { readDiskTrace } from './disk-trace.ts';
import { losses, VolatileDisk, type Loss } from './volatile-disk.ts';

function hex(text: string): string {
  return [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}

const file = `7<${hex('/d/a.db')}>`;
const create = `1 openat(AT_FDCWD<${hex('/')}>, "${hex('/d/a.db')}", O_RDWR|O_CREAT|O_CLOEXEC, 0644) = ${file}`;
const syncName = `1 fsync(8<${hex('/d')}>) = 0`;
const sync = `1 fdatasync(${file}) = 0`;
const remove = `1 unlink("${hex('/d/a.db')}") = 0`;

function write(text: string, offset: number, thread = 1): string {
  return `${thread} pwrite64(${file}, "${hex(text)}", ${text.length}, ${offset}) = ${text.length}`;
}

function played(lines: readonly string[]): VolatileDisk {
  const disk = new VolatileDisk();
  for (const step of readDiskTrace(lines.join('\n'), { folder: '/d', acknowledgementsPath: '/acks' }))
    disk.play(step);
  return disk;
}

/** What may be left of the file, over many losses; null: nothing of its name. */
function left(lines: readonly string[], loss: Loss): readonly (string | null)[] {
  const disk = played(lines);
  const contents = Array.from({ length: 200 }, (_, seed) =>
    disk.afterLoss(loss, seededRandom(seed)).get('a.db')?.toString(),
  );
  return [...new Set(contents.map((content) => content ?? null))].sort();
}

const safe = [create, syncName, write('abc', 0), sync];
const begun = sync.replace(') = 0', ' <unfinished ...>');

describe('what a loss of power leaves', () => {
  test.each([
    ['synced', safe, ['abc']],
    ['not synced', [...safe, write('x', 1)], ['abc']],
    ['a length that is not synced', [...safe, `1 ftruncate(${file}, 1) = 0`], ['abc']],
    ['a length that is synced', [...safe, `1 ftruncate(${file}, 1) = 0`, sync], ['a']],
    ['a name that is not synced', [create, write('abc', 0), sync], [null]],
    [
      'another file was synced',
      [create, syncName, write('abc', 0), sync.replace(hex('a.db'), hex('b.db'))],
      [''],
    ],
    [
      'the sync failed',
      [create, syncName, write('abc', 0), sync.replace('= 0', '= -1 EIO (I/O error)')],
      [''],
    ],
    ['a sync that has not ended', [create, syncName, write('abc', 0), begun], ['']],
    [
      'a sync that ended later',
      [create, syncName, write('abc', 0), begun, '1 <... fdatasync resumed>) = 0'],
      ['abc'],
    ],
    [
      'written while a sync ran',
      [...safe, begun, write('x', 0, 2), '1 <... fdatasync resumed>) = 0'],
      ['abc'],
    ],
    ['removed', [...safe, remove], ['abc']],
    ['removed for good', [...safe, remove, syncName], [null]],
    ['a hole', [create, syncName, write('x', 2), sync], ['\0\0x']],
  ])('%s', (_name, lines, contents) => {
    expect(left(lines, 'dropped')).toEqual(contents);
  });

  test('some of what is not synced, in any order', () => {
    const lines = [...safe, write('x', 0), write('y', 0), write('z', 2)];
    expect(left(lines, 'dropped')).toEqual(['abc']);
    expect(left(lines, 'subset')).toEqual(['abc', 'abz', 'xbc', 'xbz', 'ybc', 'ybz']);
    expect(left(lines, 'reordered')).toEqual(['abc', 'abz', 'xbc', 'xbz', 'ybc', 'ybz']);
  });

  test.each([
    ['torn at 512 B', [600, 1024, 1536]],
    ['torn at 4 KB', [600]],
  ] as const)('the last write is %s', (loss, lengths) => {
    const lines = [create, syncName, write('a'.repeat(600), 0), write('b'.repeat(1000), 600)];
    const whole = 'a'.repeat(600) + 'b'.repeat(1000);
    expect(left(lines, loss)).toEqual(lengths.map((length) => whole.slice(0, length)));
  });

  test('the process itself sees everything', () => {
    const lines = [...safe, write('x', 1)];
    expect(played(lines).files().get('a.db')?.toString()).toBe('axc');
    // What is left never changes what happened.
    const disk = played(lines);
    for (const loss of losses) disk.afterLoss(loss, seededRandom(1));
    expect(disk.files().get('a.db')?.toString()).toBe('axc');
  });
});

test('what a trace holds and nobody understands is not passed over', () => {
  expect(() => played([create, `1 fallocate(${file}, 0, 0, 4096) = 0`])).toThrow('fallocate of /d/a.db');
  expect(() => played([create, write('abc', 0).replace(', 3, 0)', ', 4096, 0)')])).toThrow('3 of 4096 bytes');
});
