import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { NewFile } from '../domain/chat-file.ts';
import type { FileExtension } from '../domain/file-kinds.ts';
import type { ChatId } from '../domain/ids.ts';
import { agreesWith } from '../files/agrees-with.ts';
import type { IncomingFile } from '../files/incoming-files.ts';
import type { Commit } from './chat-book.ts';
import { kindOf } from './file-limits.ts';
import type { Operations } from './operations.ts';
import { withRoom } from './take.ts';

/** A file that has come in whole, and what its sender says of it. */
export interface Upload {
  readonly incoming: IncomingFile;
  /** Sanitised. */
  readonly name: string;
  readonly description?: string;
}

/**
 * What the file is, once nothing speaks against it. FileTypeNotAllowed when its name or its content is not of the
 * types, FileHarmful when the virus check finds something, Unavailable when it cannot be asked and must be.
 */
export async function checkFile(
  operations: Operations,
  { incoming, name, description }: Upload,
  types: readonly FileExtension[],
): Promise<NewFile | Refusal> {
  const { fileId, size, sha256 } = incoming;
  if (size === 0) return refuse('InvalidParameter', 'The file is empty.');
  const kind = kindOf(name, types);
  if (isRefusal(kind)) return kind;
  if (!(await agreesWith(kind, incoming)))
    return refuse('FileTypeNotAllowed', 'The content of the file is not what its name says.');
  const harm = await scan(operations, incoming.path);
  const { mediaType } = kind;
  return harm ?? { fileId, name, size, mediaType, sha256, ...(description ? { description } : {}) };
}

async function scan({ files, config, onError }: Operations, path: string): Promise<Refusal | null> {
  if (!files.scan) return null;
  const found = await files.scan(path);
  if (found.verdict === 'Found') return refuse('FileHarmful');
  if (found.verdict === 'Clean') return null;
  onError(new Error(`the virus check could not be asked: ${found.why}`));
  return config.files.whenClamdIsDown === 'Accept'
    ? null
    : refuse('Unavailable', 'Files cannot be checked now; try again later.');
}

/**
 * Keeps the bytes and then says so in the log: whoever reads of the file can read the file. What `submit` refuses, or finds
 * no room on the disk, leaves nothing. When the process ends in between, the start after it settles what is in doubt (`settleFiles`).
 */
export async function keepFile(
  { files }: Operations,
  { chatId, incoming }: { readonly chatId: ChatId; readonly incoming: IncomingFile },
  submit: () => Promise<Commit | Refusal>,
): Promise<Commit | Refusal> {
  const ref = { chatId, fileId: incoming.fileId };
  const full = await withRoom(() => files.store.keep(incoming.path, ref));
  if (full) {
    await files.store.delete(ref);
    return full;
  }
  const done = await submit();
  if (isRefusal(done)) await files.store.delete(ref);
  else await files.store.settle(ref);
  return done;
}
