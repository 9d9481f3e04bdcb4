import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileKinds, type FileExtension } from '../domain/file-kinds.ts';
import { agreesWith } from './agrees-with.ts';
import { zipNames } from './zip-names.ts';
import { sampleZip } from './sample-zip.ts';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'parley-kinds-'))));
afterAll(() => rm(folder, { recursive: true }));

async function agrees(extension: FileExtension, content: Buffer | string, isText = false): Promise<boolean> {
  const path = join(folder, 'file');
  await writeFile(path, content);
  return agreesWith(fileKinds[extension], { path, isText });
}

const hex = (text: string): Buffer => Buffer.concat([Buffer.from(text, 'hex'), Buffer.alloc(64)]);
const samples: readonly (readonly [FileExtension, Buffer])[] = [
  ['jpg', hex('ffd8ffe000104a46494600')],
  ['gif', Buffer.from('GIF89a\x01\0\x01\0\0\0\0;')],
  ['bmp', hex('424d4600000000000000')],
  ['tif', hex('49492a0008000000')],
  ['webp', Buffer.from('RIFF\x24\0\0\0WEBPVP8 ')],
  ['pdf', Buffer.from('%PDF-1.7\n1 0 obj')],
  ['wav', Buffer.from('RIFF\x24\0\0\0WAVEfmt ')],
  ['mp4', hex('000000186674797069736f6d000000006d703432')],
  ['docx', sampleZip(['[Content_Types].xml', 'word/document.xml'])],
  ['xlsx', sampleZip(['[Content_Types].xml', 'xl/workbook.xml'])],
  ['pptx', sampleZip(['[Content_Types].xml', 'ppt/presentation.xml'])],
];

describe('the content', () => {
  it.each(samples)('of a %s is that, and of nothing else', async (extension, content) => {
    expect(await agrees(extension, content)).toBe(true);
    const { signature } = fileKinds[extension];
    for (const [other, kind] of Object.entries(fileKinds)) {
      const isSame = JSON.stringify(kind.signature) === JSON.stringify(signature);
      const isArchive = other === 'zip' && 'zip' in signature;
      if (!isSame) expect(await agrees(other as FileExtension, content), other).toBe(isArchive);
    }
  });

  it('of a text is text, whatever it begins with, but not that of a kind that begins as text', async () => {
    for (const text of [
      'Hello',
      'BM is short',
      '<?xml version="1.0"?><a/>',
      '<html>',
      'MZ',
      'ID3',
      '#!/bin/sh',
    ])
      expect(await agrees('txt', text, true), text).toBe(true);
    for (const text of ['%PDF-1.7', 'GIF89a', '{\\rtf1 }'])
      expect(await agrees('txt', text, true)).toBe(false);
    expect(await agrees('csv', 'a;b\n', true)).toBe(true);
    expect(await agrees('txt', 'a', false)).toBe(false);
  });

  it('is not what comes later in the file', async () => {
    expect(await agrees('pdf', Buffer.from('GIF89a%PDF-1.7'))).toBe(false);
    expect(await agrees('gif', Buffer.from('<script>GIF89a'))).toBe(false);
    expect(await agrees('docx', Buffer.concat([Buffer.from('x'), samples[8]![1]]))).toBe(false);
    expect(await agrees('docx', Buffer.concat([samples[8]![1], Buffer.from('x')]))).toBe(false);
    expect(await agrees('jpg', '')).toBe(false);
  });

  it('of a document has no macros', async () => {
    for (const macros of ['word/vbaProject.bin', 'word/VBAPROJECT.BIN', 'vbaProject.bin'])
      expect(await agrees('docx', sampleZip(['[Content_Types].xml', 'word/document.xml', macros]))).toBe(
        false,
      );
  });

  it('of an archive is not unpacked, however much is said to be in it', async () => {
    const bomb = sampleZip(['[Content_Types].xml', 'word/document.xml'], { size: 0xfffffff0 });
    expect(await agrees('docx', bomb)).toBe(true);
    expect(await agrees('txt', Buffer.from('1f8b0800000000000003', 'hex'))).toBe(false);
  });
});

describe('zipNames', () => {
  async function names(content: Buffer): Promise<readonly string[] | null> {
    const path = join(folder, 'archive');
    await writeFile(path, content);
    return zipNames(path);
  }

  it('reads the directory, with a comment behind it too', async () => {
    expect(await names(sampleZip(['a', 'b/c']))).toEqual(['a', 'b/c']);
    expect(await names(sampleZip(['a'], { comment: 'hello' }))).toEqual(['a']);
  });

  it('takes nothing that is cut, stretched or says what is not so', async () => {
    const whole = sampleZip(['a', 'b/c']);
    for (let length = 0; length < whole.length; length += 1)
      expect(await names(whole.subarray(0, length))).toBeNull();
    for (let at = 0; at < whole.length; at += 1) {
      const spoilt = Buffer.from(whole);
      spoilt[at] = (spoilt[at] ?? 0) ^ 0xff;
      await expect(names(spoilt), String(at)).resolves.not.toThrow();
    }
  });
});
