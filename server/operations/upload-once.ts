import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { ChatFile } from '../domain/chat-file.ts';
import type { UploadedFile } from './customer-files.ts';
import type { Operations } from './operations.ts';
import { readChatAt } from './read-chat.ts';
import type { KeyedAnswer, RequestOutcome, ScopedKey } from './request-keys.ts';
import type { Upload } from './take-file.ts';

/** An upload that has come in whole; `scoped` is null when its client gave it no key. */
export interface UploadOnce<Answer> {
  readonly scoped: ScopedKey | null;
  readonly upload: Upload;
  /** All else that must be the same the next time: method, path, fields. */
  readonly content: string;
  readonly carryOut: () => Promise<Answer | Refusal>;
  readonly answerAgain: (uploaded: UploadedFile, file: ChatFile) => Answer;
}

/**
 * Takes a file once for each idempotency key (docs/adr/0010). The bytes of a repetition are received again, for only then
 * it is known whether they are the same: their hash is a part of the fingerprint. Then they are thrown away.
 */
export async function uploadOnce<Answer>(
  operations: Operations,
  { scoped, upload, content, carryOut, answerAgain }: UploadOnce<Answer>,
): Promise<KeyedAnswer<Answer>> {
  const { incoming, name } = upload;
  return operations.requestKeys.askPerhaps<Answer>(scoped, {
    content: `${content}\n${JSON.stringify([name, incoming.size, incoming.sha256])}`,
    carryOut,
    async answerAgain(outcome) {
      const found = await findUploaded(operations, outcome);
      return isRefusal(found) ? found : answerAgain(found.uploaded, found.file);
    },
  });
}

/** The file as it was told of, though it may have been deleted since. */
async function findUploaded(
  operations: Operations,
  { chat }: RequestOutcome,
): Promise<{ readonly uploaded: UploadedFile; readonly file: ChatFile } | Refusal> {
  const view = chat && (await readChatAt(operations, chat.id, chat.toSeq));
  // Its own event is the last that the view has of a file.
  const file = view?.chat.files.at(-1);
  return view && file
    ? { uploaded: { view, fileId: file.fileId }, file }
    : refuse('NotFound', 'The chat of this request is gone.');
}
