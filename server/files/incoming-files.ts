import { createHash } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { newFileId, type FileId, type RandomBytes } from '../domain/ids.ts';

/** Bytes on disk that nobody has let in yet. */
export interface IncomingFile {
  readonly fileId: FileId;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Hex. */
  readonly sha256: string;
  /** Whether all of it is valid UTF-8 without NUL. */
  readonly isText: boolean;
  /** Removes what is left of it; to be called in every case, also after the store has taken it over. */
  discard(): Promise<void>;
}

/**
 * Where uploads go before they have proven themselves. Nothing in it outlives a restart: what is there at start was
 * never answered.
 */
export class IncomingFiles {
  readonly #folder: string;
  readonly #random: RandomBytes;

  private constructor(folder: string, random: RandomBytes) {
    this.#folder = folder;
    this.#random = random;
  }

  /** Makes the folder, and empties it of what a crash has left. */
  static async open(folder: string, random: RandomBytes): Promise<IncomingFiles> {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return new IncomingFiles(folder, random);
  }

  /**
   * Writes the bytes to disk as they come, never more of them in memory than a chunk. On disk for good when resolved; null,
   * and nothing left of it, when there are more than `maxBytes`. Rejects, and leaves nothing, when the bytes break off.
   */
  async receive(bytes: AsyncIterable<Uint8Array>, maxBytes: number): Promise<IncomingFile | null> {
    const fileId = newFileId(this.#random);
    const path = join(this.#folder, fileId);
    const discard = (): Promise<void> => rm(path, { force: true });
    try {
      const written = await write(path, bytes, maxBytes);
      if (written) return { fileId, path, ...written, discard };
    } catch (error) {
      await discard();
      throw error;
    }
    await discard();
    return null;
  }
}

async function write(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Pick<IncomingFile, 'size' | 'sha256' | 'isText'> | null> {
  const hash = createHash('sha256');
  const text = new TextCheck();
  let size = 0;
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of bytes) {
      size += chunk.length;
      if (size > maxBytes) return null;
      hash.update(chunk);
      text.add(chunk);
      for (let at = 0; at < chunk.length;)
        at += (await file.write(chunk, at, chunk.length - at)).bytesWritten;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { size, sha256: hash.digest('hex'), isText: text.end() };
}

/** Whether bytes that come in pieces are valid UTF-8 without NUL, characters split over pieces included. */
class TextCheck {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #isText = true;

  add(chunk: Uint8Array): void {
    if (this.#isText) this.#isText = !chunk.includes(0) && this.#decodes(chunk, true);
  }

  end(): boolean {
    return this.#isText && this.#decodes(new Uint8Array(), false);
  }

  #decodes(chunk: Uint8Array, stream: boolean): boolean {
    try {
      this.#decoder.decode(chunk, { stream });
      return true;
    } catch {
      return false;
    }
  }
}
