import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { IncomingFiles } from './incoming-files.ts';

let folder: string;
let incoming: IncomingFiles;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'parley-incoming-')), 'in');
  incoming = await IncomingFiles.open(folder, randomBytes);
});
afterEach(() => rm(folder, { recursive: true }));

async function* pieces(...parts: readonly (string | Uint8Array | Error)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Error) throw part;
    yield typeof part === 'string' ? Buffer.from(part) : part;
  }
}

it('has all the bytes, their hash and their number', async () => {
  const received = await incoming.receive(pieces('Hello ', 'world'), 11);
  expect(received).toMatchObject({ size: 11, isText: true });
  expect(received?.sha256).toBe(createHash('sha256').update('Hello world').digest('hex'));
  expect(await readFile(received!.path, 'utf8')).toBe('Hello world');
  await received?.discard();
  await received?.discard();
  expect(await readdir(folder)).toEqual([]);
});

it('stops at the first byte too many and leaves nothing', async () => {
  let asked = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      asked += 1;
      yield Buffer.alloc(4);
    }
  }
  expect(await incoming.receive(endless(), 11)).toBeNull();
  expect(asked).toBe(3);
  expect(await readdir(folder)).toEqual([]);
});

it('leaves nothing when the bytes break off', async () => {
  await expect(incoming.receive(pieces('Hello', new Error('gone')), 100)).rejects.toThrow('gone');
  expect(await readdir(folder)).toEqual([]);
});

it('empties itself at start', async () => {
  await writeFile(join(folder, 'left'), 'x');
  await IncomingFiles.open(folder, randomBytes);
  expect(await readdir(folder)).toEqual([]);
});

it.each([
  ['a character split over two pieces', [Buffer.from([0xe2, 0x82]), Buffer.from([0xac])], true],
  ['nothing', [], true],
  ['a byte order mark', ['\uFEFFabc'], true],
  ['a NUL', ['a\0b'], false],
  ['half a character at the end', ['a', Buffer.from([0xe2, 0x82])], false],
  ['bytes of another encoding', [Buffer.from([0x66, 0xfc, 0x72])], false],
] as const)('tells text: %s', async (_what, parts, isText) => {
  expect(await incoming.receive(pieces(...parts), 100)).toMatchObject({ isText });
});
