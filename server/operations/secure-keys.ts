import { hash, timingSafeEqual } from 'node:crypto';
import type { Chat } from '../domain/chat.ts';
import type { ChatId } from '../domain/ids.ts';

/** The digest under which a customer's secure key is stored. */
export function digestOf(secureKey: string): string {
  return hash('sha256', secureKey, 'hex');
}

/** Chats whose key is remembered; beyond that the one that was proven first is hashed again. */
const mostProven = 50_000;

/**
 * Proves customers' right to their chats, in constant time. A key that was right once is kept in memory and compared
 * as it is: customers send theirs with each poll, and its digest would be a fortieth of a message's processor time.
 */
export class SecureKeys {
  readonly #proven = new Map<ChatId, Buffer>();

  /** Whether the key is the one that the chat was opened with. */
  opens(chat: Chat, secureKey: string): boolean {
    const given = Buffer.from(secureKey);
    const proven = this.#proven.get(chat.id);
    if (proven?.length === given.length && timingSafeEqual(given, proven)) return true;
    const digest = Buffer.from(digestOf(secureKey));
    const stored = Buffer.from(chat.secureKeyDigest);
    if (digest.length !== stored.length || !timingSafeEqual(digest, stored)) return false;
    this.#remember(chat.id, given);
    return true;
  }

  #remember(chatId: ChatId, key: Buffer): void {
    const [oldest] = this.#proven.size >= mostProven ? this.#proven.keys() : [];
    if (oldest !== undefined) this.#proven.delete(oldest);
    this.#proven.set(chatId, key);
  }
}
