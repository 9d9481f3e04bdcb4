import type { Chat, ChatMessage } from '@parley/contract/gws/chat.ts';
import type { MessageLogUpdated } from '@parley/contract/gws/notifications.ts';
import type { BayeuxClient } from './bayeux-client.ts';
import { BayeuxError } from './bayeux-message.ts';

/** One entry of a chat's message log. */
export interface ChatEntry {
  readonly chatId: string;
  readonly message: ChatMessage;
}

/** The history of a chat cannot be read on after this index: it was deleted, or the agent may not read it any more. */
export interface HistoryGone {
  readonly chatId: string;
  readonly afterIndex: number;
}

export interface ChatFollowerOptions {
  readonly bayeux: BayeuxClient;
  readonly onEntry: (entry: ChatEntry) => void;
  readonly onGone: (gone: HistoryGone) => void;
}

const channelPrefix = '/v2/me/chats/';

/**
 * Reads the message log of an agent's chats, each entry once and in order, through lost connections and lost sessions: by
 * the replay extension on each chat's own channel, with the `index` as position.
 */
export class ChatFollower {
  readonly #options: ChatFollowerOptions;
  /** The last index that was told, by chat; while there is one the chat is followed. */
  readonly #told = new Map<string, number>();
  /** Followed, but not with the agent any more: what was missed of them is still on its way. */
  #ending: readonly string[] = [];

  constructor(options: ChatFollowerOptions) {
    this.#options = options;
    options.bayeux.on('replayRefused', ({ channel, position }) => {
      if (channel.startsWith(channelPrefix)) this.#gone(channel.slice(channelPrefix.length), position);
    });
  }

  /** The last index that was told of each chat, for who wants to go on there after a new start. */
  get positions(): ReadonlyMap<string, number> {
    return this.#told;
  }

  /** Whether a notification is one that was asked for by following a chat; then it has been told. */
  take(channel: string, data: unknown): boolean {
    if (!channel.startsWith(channelPrefix)) return false;
    const chatId = channel.slice(channelPrefix.length);
    for (const message of (data as MessageLogUpdated).messages) {
      const told = this.#told.get(chatId);
      if (told === undefined || message.index <= told) continue;
      this.#told.set(chatId, message.index);
      this.#options.onEntry({ chatId, message });
    }
    return true;
  }

  /** Follows a chat from after this index on; nothing happens when it is followed already. */
  async follow(chatId: string, afterIndex = 0): Promise<void> {
    if (this.#told.has(chatId)) return;
    this.#told.set(chatId, afterIndex);
    try {
      await this.#options.bayeux.replay(`${channelPrefix}${chatId}`, afterIndex);
    } catch (error) {
      // A lost connection is the client's to repair: it subscribes again by itself.
      if (error instanceof BayeuxError && error.kind === 'refused') this.#gone(chatId, afterIndex);
      else if (!(error instanceof BayeuxError)) throw error;
    }
  }

  /** All chats that are with the agent, after a session was lost. Of the others what was missed is read, and then no more. */
  async seeAll(chats: readonly Pick<Chat, 'id' | 'state'>[]): Promise<void> {
    for (const chat of chats) await this.see(chat);
    const ids = new Set(chats.map(({ id }) => id));
    for (const id of this.#ending) if (!ids.has(id)) await this.see({ id, state: 'Completed' });
    this.#ending = [...this.#told.keys()].filter((id) => !ids.has(id));
  }

  /** Follows the chats whose messages the agent may read, and those that are over no more. */
  async see(chat: Pick<Chat, 'id' | 'state'>): Promise<void> {
    if (chat.state === 'Chatting' || chat.state === 'LeftChat') return this.follow(chat.id);
    if (chat.state === 'Invited' || !this.#told.delete(chat.id)) return undefined;
    return this.#options.bayeux.unsubscribe(`${channelPrefix}${chat.id}`).catch((error: unknown) => {
      // What is not subscribed again is as good as unsubscribed.
      if (!(error instanceof BayeuxError)) throw error;
    });
  }

  #gone(chatId: string, afterIndex: number): void {
    if (this.#told.delete(chatId)) this.#options.onGone({ chatId, afterIndex });
  }
}
