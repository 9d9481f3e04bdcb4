import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import { beyondQuota, fileOf } from '../domain/files.ts';
import type { FileId } from '../domain/ids.ts';
import { findCustomerChat, readCustomerChat, type CustomerKey } from './customer-chat.ts';
import { fileLimitsOf, kindOf, type FileLimits } from './file-limits.ts';
import { openFile, removeFile, type OpenFile } from './stored-files.ts';
import type { Operations } from './operations.ts';
import { asOf, readChat, readChatAt, type ReadChat } from './read-chat.ts';
import { checkFile, keepFile, type Upload } from './take-file.ts';

/**
 * Why a customer's file of this name would be refused whatever is in it; null when nothing is known against it. For before
 * the bytes come.
 */
export async function cannotUpload(
  operations: Operations,
  key: CustomerKey,
  name: string,
): Promise<Refusal | null> {
  const view = await findCustomerChat(operations, key);
  if (isRefusal(view)) return view;
  const busy = operations.overload.message();
  if (busy) return busy;
  const limits = fileLimitsOf(operations, key.service);
  const kind = kindOf(name, limits.types);
  const head = operations.chats.head(key.chatId) ?? view.chat;
  return beyondQuota(head, 1, limits) ?? (isRefusal(kind) ? kind : null);
}

/** What the customer may still do, and the chat for which that is so. */
export interface CustomerFileLimits {
  readonly limits: FileLimits;
  readonly view: ReadChat;
  readonly nowMs: number;
}

export async function readFileLimits(
  operations: Operations,
  key: CustomerKey,
): Promise<CustomerFileLimits | Refusal> {
  const view = await readCustomerChat(operations, key);
  if (isRefusal(view)) return view;
  return { limits: fileLimitsOf(operations, key.service), view, nowMs: operations.clock.now() };
}

/** What a customer's upload has come to. */
export interface UploadedFile {
  readonly view: ReadChat;
  readonly fileId: FileId;
}

/**
 * Takes a customer's file (gms-customer-api §10); resolves when bytes and event are durable. Refused as `checkFile` says,
 * TooManyFiles, FilesTooLarge, FileTooLarge, ChatEnded, NotAllowedInState while an agent is needed.
 */
export async function uploadCustomerFile(
  operations: Operations,
  key: CustomerKey,
  upload: Upload,
): Promise<UploadedFile | Refusal> {
  const view = await readCustomerChat(operations, key);
  if (isRefusal(view)) return view;
  const { chatId } = key;
  const tooMany = operations.limits.chatMessage(chatId);
  if (tooMany) return tooMany;
  const quota = fileLimitsOf(operations, key.service);
  const { incoming } = upload;
  if (incoming.size > quota.maxFileBytes) return refuse('FileTooLarge');
  const refused = beyondQuota(operations.chats.head(chatId) ?? view.chat, incoming.size, quota);
  if (refused) return refused;
  const file = await checkFile(operations, upload, quota.types);
  if (isRefusal(file)) return file;
  const done = await keepFile(operations, { chatId, incoming }, () =>
    operations.chats.submit(chatId, { type: 'CustomerUploadFile', file, quota }),
  );
  // A chat that was found and is no longer live is closed.
  if (isRefusal(done)) return done.refused === 'NotFound' ? refuse('ChatEnded') : done;
  const after = await readChatAt(operations, chatId, done.after.seq);
  return after ? { view: after, fileId: file.fileId } : refuse('Internal');
}

/** The bytes of a file for the customer; each time counts while the chat is live. */
export async function downloadCustomerFile(
  operations: Operations,
  key: CustomerKey,
  fileId: FileId,
): Promise<OpenFile | Refusal> {
  const view = await readCustomerChat(operations, key);
  if (isRefusal(view)) return view;
  const file = fileOf(view.chat, fileId);
  if (!file) return refuse('NotFound', 'There is no such file, or it was deleted.');
  const { maxDownloads } = fileLimitsOf(operations, key.service);
  const command = { type: 'CustomerDownloadFile', fileId, maxDownloads } as const;
  const counted = await operations.chats.submit(key.chatId, command);
  // The log of a closed chat is complete: nothing is counted there any more.
  const isClosed = operations.chats.head(key.chatId) === undefined;
  if (isRefusal(counted) && !isClosed) return counted;
  if (isClosed && view.chat.downloads >= maxDownloads) return refuse('Forbidden');
  return openFile(operations, key.chatId, file);
}

/** Deletes a file of the customer's own; resolves when nobody can read it any more, with the chat right after it. */
export async function deleteCustomerFile(
  operations: Operations,
  key: CustomerKey,
  fileId: FileId,
): Promise<ReadChat | Refusal> {
  const view = await readCustomerChat(operations, key);
  if (isRefusal(view)) return view;
  const { chatId } = key;
  const done = await removeFile(operations, { chatId, fileId }, () =>
    operations.chats.submit(chatId, { type: 'CustomerDeleteFile', fileId }),
  );
  if (isRefusal(done)) return done;
  const found = await readChat(operations, chatId);
  return found ? asOf(found, done.after) : refuse('Internal');
}
