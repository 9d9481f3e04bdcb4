import type { ChatId } from '../domain/ids.ts';
import type { TableWrite } from '../journal/journal.ts';
import type { Operations } from './operations.ts';
import { take, untilTaken } from './take.ts';

/** What becomes of a chat that is forgotten: nothing is left, or a row for statistics without a person. */
export type Forgotten = 'delete' | 'anonymise';

/**
 * Forgets closed chats: first the bytes of their files, then all the rest in one append, so that whoever is interrupted
 * begins again with the same chats. Resolves when it is durable; a chat that goes on, or is not there, is left alone.
 */
export async function forgetChats(
  { journal, clock, files, keptReads }: Operations,
  chatIds: readonly ChatId[],
  forgotten: Forgotten,
): Promise<void> {
  for (const chatId of chatIds) await files.store.deleteChat(chatId);
  const writes = chatIds.flatMap((chatId): readonly TableWrite[] => [
    forgotten === 'delete' ? { table: 'chats', delete: chatId } : { table: 'chats', anonymise: chatId },
    { table: 'outbox', deleteChat: chatId },
  ]);
  const { promise, resolve } = Promise.withResolvers<void>();
  await untilTaken(clock, async () => take(journal, { events: [], writes }, resolve));
  await promise;
  keptReads.forget(chatIds);
}
