import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { Chat } from '../domain/chat.ts';
import type { ChatFile } from '../domain/chat-file.ts';
import type { StoredEvent } from '../domain/chat-event.ts';
import { beyondAgentFiles, fileOf } from '../domain/files.ts';
import type { FileId } from '../domain/ids.ts';
import type { ChatOperationDone, ChatTarget } from './agent-chat.ts';
import { kindOf } from './file-limits.ts';
import { readHistoryChat, type HistoryReader } from './history.ts';
import type { Operations } from './operations.ts';
import { messagesFor, readAgentChat } from './read-chat.ts';
import { openFile, removeFile, type OpenFile } from './stored-files.ts';
import { checkFile, keepFile, type Upload } from './take-file.ts';

/** Why an agent's file of this name would be refused whatever is in it; null when nothing is known against it. */
export function cannotUploadAsAgent(
  { chats, config, overload }: Operations,
  { agentId, chatId }: ChatTarget,
  name: string,
): Refusal | null {
  const refused = chats.cannot(chatId, agentId, 'UploadFile') ?? overload.message();
  if (refused) return refused;
  const kind = kindOf(name, config.files.types);
  if (isRefusal(kind)) return kind;
  const head = chats.head(chatId);
  return head ? beyondAgentFiles(head, config.files.agentMaxFiles) : refuse('NotFound');
}

/** Takes an agent's file for everybody in the chat; resolves when bytes and event are durable. */
export async function uploadAgentFile(
  operations: Operations,
  { agentId, chatId }: ChatTarget,
  upload: Upload,
): Promise<ChatFile | Refusal> {
  const { config, chats } = operations;
  const { agentMaxFiles: maxFiles, types } = config.files;
  const refused = cannotUploadAsAgent(operations, { agentId, chatId }, upload.name);
  if (refused) return refused;
  const file = await checkFile(operations, upload, types);
  if (isRefusal(file)) return file;
  const { incoming } = upload;
  const done = await keepFile(operations, { chatId, incoming }, () =>
    chats.submit(
      chatId,
      { type: 'UploadFile', agentId, file, maxFiles },
      { agentId, referenceId: operations.nextReferenceId() },
    ),
  );
  if (isRefusal(done)) return done;
  return fileOf(done.after, file.fileId) ?? refuse('Internal');
}

/** Deletes a file of the chat; resolves when nobody can read it any more. */
export async function deleteAgentFile(
  operations: Operations,
  { agentId, chatId }: ChatTarget,
  fileId: FileId,
): Promise<ChatOperationDone | Refusal> {
  const refused = operations.chats.cannot(chatId, agentId, 'DeleteFile');
  if (refused) return refused;
  const done = await removeFile(operations, { chatId, fileId }, () =>
    operations.chats.submit(
      chatId,
      { type: 'DeleteFile', agentId, fileId },
      { agentId, referenceId: operations.nextReferenceId() },
    ),
  );
  return isRefusal(done) ? done : {};
}

/** The files that somebody may read who may read these entries: whoever reads of a file can read it. */
function filesIn(chat: Chat, stored: readonly StoredEvent[]): readonly ChatFile[] {
  return stored.flatMap(({ event }) => {
    const file = event.type === 'FileUploaded' ? fileOf(chat, event.fileId) : undefined;
    return file ? [file] : [];
  });
}

/** The files of a chat of the agent, as far as they may read its messages. */
export async function listAgentFiles(
  operations: Operations,
  target: ChatTarget,
): Promise<readonly ChatFile[] | Refusal> {
  const found = await readAgentChat(operations, target);
  if (isRefusal(found)) return found;
  const stored = messagesFor(found, target.agentId, 1);
  return isRefusal(stored) ? stored : filesIn(found.chat, stored);
}

/** The files of a chat of the history, for those who may read its messages there. */
export async function listHistoryFiles(
  operations: Operations,
  chatId: Chat['id'],
  reader: HistoryReader,
): Promise<readonly ChatFile[] | Refusal> {
  const found = await readHistoryChat(operations, chatId, reader);
  return isRefusal(found) ? found : filesIn(found.chat, found.stored);
}

/** The bytes of one of the files; NotFound when it is not among them. */
export async function openListed(
  operations: Operations,
  chatId: Chat['id'],
  { files, fileId }: { readonly files: readonly ChatFile[]; readonly fileId: string },
): Promise<OpenFile | Refusal> {
  const file = files.find((one) => one.fileId === fileId);
  return file
    ? openFile(operations, chatId, file)
    : refuse('NotFound', 'There is no such file, or it was deleted.');
}
