import type { ChatId } from './ids.ts';

/** A chat and the secret that opens it. */
export interface ChatKey {
  readonly chatId: ChatId;
  readonly secureKey: string;
}

const joined = /^([0-9A-Za-z]{16})\.([0-9A-Za-z]{1,128})$/;

/**
 * Chat and secret as one text, for the protocols that have room for one only: the `secureKey` over CometD, the `id` of
 * `/api/v2/chats` (docs/adr/0006).
 */
export function joinedKey({ chatId, secureKey }: ChatKey): string {
  return `${chatId}.${secureKey}`;
}

/** The chat that a form names: in its key, or in a field beside it; null when it names none. */
export function chatKeyIn({
  secureKey,
  chatId,
}: {
  readonly secureKey: string;
  readonly chatId?: string | undefined;
}): ChatKey | null {
  return parseJoinedKey(secureKey) ?? (chatId === undefined ? null : { chatId: chatId as ChatId, secureKey });
}

/** Takes such a text apart; null when it is none. */
export function parseJoinedKey(text: string): ChatKey | null {
  const [, chatId, secureKey] = joined.exec(text) ?? [];
  return chatId === undefined || secureKey === undefined ? null : { chatId: chatId as ChatId, secureKey };
}
