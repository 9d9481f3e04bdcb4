import { checkChat } from './check-chat.ts';
import { keyOf, type Outcome } from './chat-history.ts';
import { ChatRecord } from './chat-record.ts';
import type { Finding } from './finding.ts';

/** The records of all chats of a run. */
export class HistoryBook {
  readonly #chats = new Map<string, ChatRecord>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  get chatIds(): readonly string[] {
    return [...this.#chats.keys()];
  }

  /** The record of a chat; a new one when it is mentioned for the first time. */
  chat(chatId: string): ChatRecord {
    let chat = this.#chats.get(chatId);
    if (!chat) this.#chats.set(chatId, (chat = new ChatRecord(chatId, this.#now)));
    return chat;
  }

  /** How many requests ended in this way. */
  count(outcome: Outcome): number {
    let count = 0;
    for (const { operations } of this.#chats.values())
      count += operations.filter((one) => one.outcome === outcome).length;
    return count;
  }

  check(chatId: string): readonly Finding[] {
    return checkChat(this.chat(chatId), (key) => this.#chatOf(key));
  }

  /** Lets go of a chat that was checked. */
  forget(chatId: string): void {
    this.#chats.delete(chatId);
  }

  #chatOf(key: string): string | undefined {
    for (const { chatId, operations } of this.#chats.values())
      if (operations.some(({ saying }) => keyOf(saying) === key)) return chatId;
    return undefined;
  }
}

export function sentenceOf({ kind, chatId, detail }: Finding): string {
  return `${kind} in ${chatId}: ${detail}`;
}
