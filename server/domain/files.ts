import { refuse, type Refusal } from '@parley/contract/refusals.ts';
import { customerOf, isClosed, presentAgents, type Assignment, type Chat } from './chat.ts';
import type { ChatEvent } from './chat-event.ts';
import type { ChatFile, FileQuota, NewFile } from './chat-file.ts';
import type { FileId } from './ids.ts';
import { joinedAs } from './talk.ts';

type Outcome = readonly ChatEvent[] | Refusal;

/** What the customer has used of their quota (gms-customer-api §10); files of agents do not count. */
export function usedByCustomer(
  chat: Chat,
  deleteGivesBack: boolean,
): { readonly files: number; readonly bytes: number } {
  const { participantId } = customerOf(chat);
  const counted = chat.files.filter(
    (file) => file.participantId === participantId && !(deleteGivesBack && file.isDeleted),
  );
  return { files: counted.length, bytes: counted.reduce((sum, { size }) => sum + size, 0) };
}

/** Why a customer may not upload a file of this size now; null when they may. Files in doubt are not counted. */
export function beyondQuota(chat: Chat, size: number, quota: FileQuota): Refusal | null {
  if (chat.session === 'Ended') return refuse('ChatEnded');
  const isAnswered = presentAgents(chat).some(({ visibility }) => visibility === 'All');
  if (quota.needAgent && !isAnswered)
    return refuse('NotAllowedInState', 'Files can be sent once an agent has joined.');
  const used = usedByCustomer(chat, quota.deleteGivesBack);
  if (used.files + 1 > quota.maxFiles)
    return refuse('TooManyFiles', `No more than ${quota.maxFiles} files can be sent.`);
  if (used.bytes + size > quota.maxTotalBytes)
    return refuse('FilesTooLarge', `The files may have ${quota.maxTotalBytes} bytes in all.`);
  return null;
}

/** A file of the customer, already in the store. Decided on the head, so that uploads at once stay within the quota. */
export function uploadByCustomer(chat: Chat, file: NewFile, quota: FileQuota): Outcome {
  const refused = beyondQuota(chat, file.size, quota);
  return refused ?? uploaded(chat, customerOf(chat).participantId, file);
}

/** Why an agent may not add another file: those of agents are bounded in number, all together. */
export function beyondAgentFiles(chat: Chat, maxFiles: number): Refusal | null {
  const customer = customerOf(chat).participantId;
  const count = chat.files.filter((file) => file.participantId !== customer && !file.isDeleted).length;
  return count < maxFiles ? null : refuse('TooManyFiles', `A chat may have ${maxFiles} files of agents.`);
}

/** A file of an agent, already in the store; that the agent may is decided by the table of operations. */
export function uploadByAgent(
  chat: Chat,
  assignment: Assignment,
  { file, maxFiles }: { readonly file: NewFile; readonly maxFiles: number },
): Outcome {
  return beyondAgentFiles(chat, maxFiles) ?? uploaded(chat, joinedAs(assignment), file);
}

function uploaded(chat: Chat, participantId: ChatFile['participantId'], file: NewFile): Outcome {
  if (chat.files.some(({ fileId }) => fileId === file.fileId)) return refuse('AlreadyExists');
  return [{ type: 'FileUploaded', participantId, visibility: 'All', ...file }];
}

/** A file of the chat that was not deleted. */
export function fileOf(chat: Chat, fileId: FileId): ChatFile | undefined {
  return chat.files.find((file) => file.fileId === fileId && !file.isDeleted);
}

function noFile(): Refusal {
  return refuse('NotFound', 'There is no such file, or it was deleted.');
}

/** Customers delete what they have sent, and nothing else. */
export function deleteByCustomer(chat: Chat, fileId: FileId): Outcome {
  const file = fileOf(chat, fileId);
  if (!file) return noFile();
  const { participantId } = customerOf(chat);
  if (file.participantId !== participantId)
    return refuse('Forbidden', 'Only files of your own can be deleted.');
  return [{ type: 'FileDeleted', participantId, visibility: 'All', fileId }];
}

/** Agents delete any file of a chat that they answer for. */
export function deleteByAgent(chat: Chat, assignment: Assignment, fileId: FileId): Outcome {
  if (!fileOf(chat, fileId)) return noFile();
  return [{ type: 'FileDeleted', participantId: joinedAs(assignment), visibility: 'All', fileId }];
}

/**
 * A download by the customer counts (`download-attempts`, gms-customer-api §10), also after the end of the conversation;
 * the log of a closed chat is complete and takes nothing more.
 */
export function downloadByCustomer(chat: Chat, fileId: FileId, maxDownloads: number): Outcome {
  if (!fileOf(chat, fileId)) return noFile();
  if (isClosed(chat)) return refuse('ChatEnded');
  if (chat.downloads >= maxDownloads)
    return refuse('Forbidden', `Files of a chat can be downloaded ${maxDownloads} times.`);
  return [{ type: 'FileDownloaded', participantId: customerOf(chat).participantId, fileId }];
}
