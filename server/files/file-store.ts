import type { Readable } from 'node:stream';
import type { ChatId, FileId } from '../domain/ids.ts';

/** Where the bytes of a file stand. Both ids are random and nobody outside chooses them. */
export interface FileRef {
  readonly chatId: ChatId;
  readonly fileId: FileId;
}

/** The bytes of a file. Whoever opened it reads it to its end or destroys it. */
export interface StoredFile {
  readonly size: number;
  readonly bytes: Readable;
}

/**
 * Where the bytes of files are kept: the one seam behind which a folder stands, or later an object store such as S3. What a
 * file is (name, type, hash, who sent it, whether it was deleted) is not kept here but in the log of its chat.
 *
 * The log and the store cannot change in one step, so a file is *in doubt* between the two: from before its bytes are
 * kept until its event is durable, and from before its deletion is decided until its bytes are gone. Doubt outlives a
 * crash, and at start each file in doubt is settled or deleted by what the log says. An object store keeps the doubt as an
 * empty object under a prefix of its own, written before and removed after; `keep` uploads the local file and checks its
 * length; `deleteChat` deletes by the prefix of the chat. Every step may be repeated: what is done already is no error.
 */
export interface FileStore {
  /** Takes over a complete local file under this reference, and leaves it in doubt. Durable when resolved. */
  keep(path: string, ref: FileRef): Promise<void>;
  /** The file is in doubt from now on. Durable when resolved. */
  doubt(ref: FileRef): Promise<void>;
  /** The log says that the file is there: it is no longer in doubt. */
  settle(ref: FileRef): Promise<void>;
  /** The files that were in doubt when the process ended. */
  inDoubt(): Promise<readonly FileRef[]>;
  /** The bytes as a stream; null when there are none. */
  open(ref: FileRef): Promise<StoredFile | null>;
  /** The bytes are gone for good when resolved, and so is the doubt. */
  delete(ref: FileRef): Promise<void>;
  /**
   * All bytes of a chat are gone for good when resolved: for retention and for erasing a person. Whoever calls it removes
   * the chat's events as well, or records that the files are gone.
   */
  deleteChat(chatId: ChatId): Promise<void>;
}
