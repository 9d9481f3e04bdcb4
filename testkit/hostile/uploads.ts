import { pick, type Random } from '@parley/server/routing/seeded-random.ts';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { garbageBody, hostileText } from './hostile-values.ts';

/** A zip of one file of this length, all zeros: a thousandth of it in bytes. */
function zip(name: string, length: number): Buffer {
  const packed = deflateRawSync(Buffer.alloc(length));
  const nameBytes = Buffer.from(name);
  const sizes = Buffer.alloc(12);
  sizes.writeUInt32LE(packed.length, 4);
  sizes.writeUInt32LE(length, 8);
  const common = Buffer.concat([Buffer.from([20, 0, 0, 0, 8, 0, 0, 0, 0, 0]), sizes]);
  const names = Buffer.alloc(4);
  names.writeUInt16LE(nameBytes.length, 0);
  const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, names, nameBytes, packed]);
  const central = Buffer.concat([
    Buffer.from('PK\u0001\u0002\u0014\u0000'),
    common,
    names,
    Buffer.alloc(14),
    nameBytes,
  ]);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const bomb = zip('a.txt', 20_000_000);
const contents: readonly (() => Buffer)[] = [
  () => bomb,
  () => zip('../../etc/passwd', 10),
  () => gzipSync(Buffer.alloc(5_000_000)),
  () => Buffer.from(svg),
  () =>
    Buffer.from(`\ufeff<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>${svg}`),
  () => Buffer.from('<html><script>alert(1)</script></html>'),
  () => Buffer.concat([png, Buffer.from(svg)]),
  () => Buffer.concat([Buffer.from('GIF89a/*'), Buffer.from('*/=1;alert(1)')]),
  () => Buffer.concat([Buffer.from('%PDF-1.7\n'), bomb]),
  () => Buffer.from('MZ\u0090\u0000'),
  () => Buffer.from('Hello'),
  () => Buffer.alloc(3 * 1024 * 1024, 'a'),
  () => Buffer.alloc(0),
];

const names = [
  ...[
    '../../../etc/passwd',
    String.raw`..\..\a.txt`,
    'a.svg',
    'a.txt',
    'a.png',
    'a.php.txt',
    '.htaccess',
    'con.txt',
  ],
  ...[
    'a.txt\u0000.exe',
    'a"; filename="b.txt',
    'a\u202etxt.exe',
    '/a.txt',
    'a'.repeat(5000),
    '',
    '.',
    '..',
    'ä.txt',
    'a.zip',
  ],
];

/** A multipart body with a file in it that ought not to be there, or that is none. */
export function upload(
  random: Random,
  secureKey: string,
): { readonly contentType: string; readonly body: Buffer } {
  const boundary =
    random() < 0.95 ? 'x'.repeat(1 + Math.floor(random() * 60)) : hostileText(random).slice(0, 100);
  const contentType = `multipart/form-data; boundary=${boundary.replaceAll(/[^\x21-\x7e]/g, '?')}`;
  if (random() < 0.05) return { contentType, body: garbageBody(random) };
  const part = (header: string, value: Buffer | string): Buffer =>
    Buffer.concat([
      Buffer.from(`--${boundary}\r\n${header}\r\n\r\n`),
      Buffer.from(value),
      Buffer.from('\r\n'),
    ]);
  const disposition = 'Content-Disposition: form-data; name=';
  const text = (name: string, value: string): Buffer => part(`${disposition}"${name}"`, value);
  const parts = [
    ...(random() < 0.8 ? [text('secureKey', secureKey)] : []),
    ...(random() < 0.3 ? [text('operation', random() < 0.5 ? 'fileUpload' : hostileText(random))] : []),
    ...(random() < 0.3 ? [text(`userData[${hostileText(random)}]`, hostileText(random))] : []),
    ...(random() < 0.02 ? Array.from({ length: 5000 }, () => text('a', 'b')) : []),
  ];
  const type = pick(random, [
    'text/plain',
    'image/png',
    'image/svg+xml',
    'text/html',
    'application/zip',
    'a\u0000b',
  ]);
  const fileName = pick(random, names).replaceAll(/[\r\n]/g, '');
  const file = `${disposition}"file"; filename="${fileName}"\r\nContent-Type: ${type}`;
  for (let count = random() < 0.9 ? 1 : 5; count > 0; count -= 1)
    parts.push(part(file, pick(random, contents)()));
  const end = random() < 0.9 ? `--${boundary}--\r\n` : '';
  return { contentType, body: Buffer.concat([...parts, Buffer.from(end)]) };
}
