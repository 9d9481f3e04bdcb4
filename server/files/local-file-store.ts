import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChatId, FileId } from '../domain/ids.ts';
import type { FileRef, FileStore, StoredFile } from './file-store.ts';

const idPattern = /^[0-9A-Za-z]{16}$/;

/** A segment of a path. Ids come from the log; one that is none must not reach the file system. */
function segment(id: ChatId | FileId): string {
  if (!idPattern.test(id)) throw new Error('an id of a file or chat is malformed');
  return id;
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** What was made, renamed or removed in the folder is on disk when resolved. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Files in a folder: `kept/<chat>/<file>`, and an empty `doubt/<chat>.<file>` for each one in doubt. The folder is below no
 * web root and only the server's own user may look into it.
 */
export class LocalFileStore implements FileStore {
  readonly #kept: string;
  readonly #doubt: string;

  private constructor(folder: string) {
    this.#kept = join(folder, 'kept');
    this.#doubt = join(folder, 'doubt');
  }

  /** Makes the folders where they are missing. */
  static async open(folder: string): Promise<LocalFileStore> {
    const store = new LocalFileStore(folder);
    for (const path of [store.#kept, store.#doubt]) await mkdir(path, { recursive: true, mode: 0o700 });
    return store;
  }

  /** `path` must be on the same file system. */
  async keep(path: string, ref: FileRef): Promise<void> {
    await this.doubt(ref);
    const folder = this.#folderOf(ref.chatId);
    const isNew = (await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined;
    await rename(path, this.#pathOf(ref));
    await syncFolder(folder);
    if (isNew) await syncFolder(this.#kept);
  }

  async doubt(ref: FileRef): Promise<void> {
    const mark = await open(this.#markOf(ref), 'w', 0o600);
    await mark.close();
    await syncFolder(this.#doubt);
  }

  async settle(ref: FileRef): Promise<void> {
    await rm(this.#markOf(ref), { force: true });
  }

  async inDoubt(): Promise<readonly FileRef[]> {
    const marks = await readdir(this.#doubt);
    return marks.flatMap((mark) => {
      const [chatId = '', fileId = ''] = mark.split('.');
      return idPattern.test(chatId) && idPattern.test(fileId)
        ? [{ chatId: chatId as ChatId, fileId: fileId as FileId }]
        : [];
    });
  }

  async open(ref: FileRef): Promise<StoredFile | null> {
    try {
      const handle = await open(this.#pathOf(ref), 'r');
      const { size } = await handle.stat();
      return { size, bytes: handle.createReadStream() };
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  async delete(ref: FileRef): Promise<void> {
    await rm(this.#pathOf(ref), { force: true });
    try {
      await syncFolder(this.#folderOf(ref.chatId));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    await this.settle(ref);
  }

  async deleteChat(chatId: ChatId): Promise<void> {
    await rm(this.#folderOf(chatId), { recursive: true, force: true });
    await syncFolder(this.#kept);
    for (const ref of await this.inDoubt()) if (ref.chatId === chatId) await this.settle(ref);
  }

  #folderOf(chatId: ChatId): string {
    return join(this.#kept, segment(chatId));
  }

  #pathOf({ chatId, fileId }: FileRef): string {
    return join(this.#folderOf(chatId), segment(fileId));
  }

  #markOf({ chatId, fileId }: FileRef): string {
    return join(this.#doubt, `${segment(chatId)}.${segment(fileId)}`);
  }
}
