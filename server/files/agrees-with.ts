import { open } from 'node:fs/promises';
import type { FileKind } from '../domain/file-kinds.ts';
import type { IncomingFile } from './incoming-files.ts';
import { zipNames } from './zip-names.ts';

/** What begins as text and is something else to the program that opens it. */
const disguised = new Set(['pdf', 'gif', 'rtf', 'ps', 'eps']);

/** Archives are not shown to the library: it would unpack a part of them to see what is inside. */
const archiveSignatures = ['504b', '1f8b'];

/**
 * Whether the content is what the kind asks for. Nothing is unpacked; Office documents with macros in them are not
 * documents of the kind.
 */
export async function agreesWith(
  { signature }: FileKind,
  { path, isText }: Pick<IncomingFile, 'path' | 'isText'>,
): Promise<boolean> {
  if ('zip' in signature) {
    const names = await zipNames(path);
    if (names === null || signature.zip === null) return names !== null;
    const { zip: folder } = signature;
    const hasMacros = names.some((name) => /(^|\/)vbaProject\.bin$/i.test(name));
    return (
      names.includes('[Content_Types].xml') && names.some((name) => name.startsWith(folder)) && !hasMacros
    );
  }
  const found = (await isArchive(path)) ? undefined : await knownType(path);
  if ('text' in signature) return isText && !disguised.has(found?.ext ?? '');
  return found !== undefined && signature.magic.includes(found.ext);
}

async function knownType(path: string): Promise<{ readonly ext: string } | undefined> {
  // Loaded with the first file: a start does without the 43 modules.
  const { fileTypeFromFile } = await import('file-type');
  return fileTypeFromFile(path);
}

async function isArchive(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return archiveSignatures.includes(buffer.toString('hex'));
  } finally {
    await file.close();
  }
}
