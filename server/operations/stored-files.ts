import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { Chat } from '../domain/chat.ts';
import type { ChatFile } from '../domain/chat-file.ts';
import { fileOf } from '../domain/files.ts';
import type { ChatId } from '../domain/ids.ts';
import type { FileRef, StoredFile } from '../files/file-store.ts';
import type { Commit } from './chat-book.ts';
import type { Operations } from './operations.ts';
import { readChat } from './read-chat.ts';
import { withRoom } from './take.ts';

/** A file and its bytes. Whoever has it reads them to the end or destroys them. */
export interface OpenFile {
  readonly file: ChatFile;
  readonly bytes: StoredFile['bytes'];
}

/** The bytes of a file that the log knows. That the store has lost them is an error for the operator. */
export async function openFile(
  { files, onError }: Operations,
  chatId: ChatId,
  file: ChatFile,
): Promise<OpenFile | Refusal> {
  const { fileId, size } = file;
  const stored = await files.store.open({ chatId, fileId });
  if (stored?.size === size) return { file, bytes: stored.bytes };
  stored?.bytes.destroy();
  onError(new Error(`the bytes of file ${fileId} of chat ${chatId} are not in the store`));
  return refuse('NotFound', 'There is no such file, or it was deleted.');
}

/** Says in the log that the file is deleted, and then removes the bytes; neither happens when `submit` refuses. */
export async function removeFile(
  { files, chats }: Operations,
  ref: FileRef,
  submit: () => Promise<Commit | Refusal>,
): Promise<Commit | Refusal> {
  const { chatId, fileId } = ref;
  const chat = chats.head(chatId);
  if (!chat) return refuse('ChatEnded');
  if (!fileOf(chat, fileId)) return submit();
  const full = await withRoom(() => files.store.doubt(ref));
  if (full) return full;
  const done = await submit();
  if (!isRefusal(done)) await files.store.delete(ref);
  else {
    const head = chats.head(chatId);
    // Somebody else's deletion may be under way: then the doubt is theirs.
    if (!head || fileOf(head, fileId)) await files.store.settle(ref);
  }
  return done;
}

/**
 * Every file of a chat that was not deleted, with its bytes, one after the other: for exports. A file whose bytes are lost
 * is left out, and reported to the operator.
 */
export async function* filesOf(operations: Operations, chat: Chat): AsyncGenerator<OpenFile> {
  for (const file of chat.files) {
    if (file.isDeleted) continue;
    const opened = await openFile(operations, chat.id, file);
    if (!isRefusal(opened)) yield opened;
  }
}

/**
 * Ends the doubt in which a crash has left files: kept when the log says that they are there, else deleted. To run at
 * start, before anybody is let in. Resolves with how many were deleted.
 */
export async function settleFiles(operations: Operations): Promise<number> {
  const { store } = operations.files;
  let deleted = 0;
  for (const ref of await store.inDoubt()) {
    const found = await readChat(operations, ref.chatId);
    if (found && fileOf(found.chat, ref.fileId)) await store.settle(ref);
    else {
      await store.delete(ref);
      deleted += 1;
    }
  }
  return deleted;
}
