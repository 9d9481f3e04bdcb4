import { open, type FileHandle } from 'node:fs/promises';

/** A document has far fewer parts and a far shorter directory. */
const maxEntries = 10_000;
const maxDirectoryBytes = 2_097_152;

const endLength = 22;
const longestComment = 65_535;
const headerLength = 46;

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

/**
 * The names in the directory of a ZIP archive, which stands uncompressed at its end (APPNOTE 4.3): nothing is unpacked, so
 * that no archive can grow. Null when the file is no ZIP archive from its first byte to its last, or its directory is
 * beyond these bounds.
 */
export async function zipNames(path: string): Promise<readonly string[] | null> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const first = await read(file, 0, 4);
    if (first.length < 4 || first.readUInt32LE(0) !== 0x04034b50) return null;
    const tailLength = Math.min(size, endLength + longestComment);
    const tail = await read(file, size - tailLength, tailLength);
    const at = endAt(tail);
    if (at === null) return null;
    const count = tail.readUInt16LE(at + 10);
    const length = tail.readUInt32LE(at + 12);
    const offset = tail.readUInt32LE(at + 16);
    const isThere = offset + length === size - tailLength + at;
    if (!isThere || count > maxEntries || length > maxDirectoryBytes) return null;
    return namesIn(await read(file, offset, length), count);
  } finally {
    await file.close();
  }
}

/** Where the end of the directory is told; its comment must reach to the end of the file. */
function endAt(tail: Buffer): number | null {
  for (let at = tail.length - endLength; at >= 0; at -= 1)
    if (tail.readUInt32LE(at) === 0x06054b50 && at + endLength + tail.readUInt16LE(at + 20) === tail.length)
      return at;
  return null;
}

function namesIn(directory: Buffer, count: number): readonly string[] | null {
  const names: string[] = [];
  let at = 0;
  for (let entry = 0; entry < count; entry += 1) {
    if (at + headerLength > directory.length || directory.readUInt32LE(at) !== 0x02014b50) return null;
    const nameLength = directory.readUInt16LE(at + 28);
    const nameAt = at + headerLength;
    names.push(directory.toString('utf8', nameAt, nameAt + nameLength));
    at = nameAt + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return at === directory.length ? names : null;
}
