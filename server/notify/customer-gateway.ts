import { prepareEvent } from '@parley/bayeux/protocol/event.ts';
import type { PushSession } from '@parley/bayeux/sessions/push-session.ts';
import type { CustomerReply } from '@parley/contract/gms/replies.ts';
import { joinedKey } from '../domain/chat-key.ts';
import type { ChatId } from '../domain/ids.ts';
import type { Commit } from '../operations/chat-book.ts';
import { endedForCustomer } from '../operations/customer-chat.ts';
import type { PushPrincipal } from '../presence/push-principal.ts';
import { customerEvents, customerReply } from '../views/customer-view.ts';
import type { CustomerCatchUps } from './customer-catch-ups.ts';

/** A customer's tab that is told what happens in a chat. */
export interface Attachment {
  readonly session: PushSession<PushPrincipal>;
  readonly chatId: ChatId;
  readonly secureKey: string;
  /** Where this tab listens: the channel it has published on. */
  readonly channel: string;
  /** How often it was told something. */
  told: number;
}

export interface CustomerGatewayOptions {
  /** Which tabs are still being told what there was: those are not told what comes. */
  readonly catchUps: CustomerCatchUps;
  /** A tab hears of the chat from now on, or no more. */
  readonly onOpened?: (chatId: ChatId) => void;
  readonly onClosed?: (chatId: ChatId) => void;
  /** Push sessions that hear of one chat. One more takes the place of the one that came first. */
  readonly maxSessionsPerChat: number;
  /** Chats of which one push session hears. One more is refused. */
  readonly maxChatsPerSession: number;
}

/**
 * Knows which push sessions belong to which chat and tells them what the customer may see of it: one push with the
 * events of each durable commit, in the order of the log (gms-customer-api §6.4).
 */
export class CustomerGateway {
  readonly #options: CustomerGatewayOptions;
  readonly #byChat = new Map<ChatId, Map<PushSession<PushPrincipal>, Attachment>>();
  readonly #bySession = new Map<PushSession<PushPrincipal>, Set<ChatId>>();

  constructor(options: CustomerGatewayOptions) {
    this.#options = options;
  }

  /** How many tabs hear of a chat. */
  get size(): number {
    let size = 0;
    for (const attachments of this.#byChat.values()) size += attachments.size;
    return size;
  }

  /** The session hears of the chat from now on; null when it hears of too many already, or is over. */
  attach(to: Omit<Attachment, 'told'>): Attachment | null {
    const { session, chatId, secureKey, channel } = to;
    const known = this.#byChat.get(chatId)?.get(session);
    if (known?.channel === channel && known.secureKey === secureKey) return known;
    const chats = this.#bySession.get(session) ?? new Set();
    if (!session.isLive || (!known && chats.size >= this.#options.maxChatsPerSession)) return null;
    const attachments = this.#byChat.get(chatId) ?? new Map<PushSession<PushPrincipal>, Attachment>();
    const [oldest] = attachments.keys();
    // A tab that was closed without a word is still there until it expires: whoever comes must not wait for that.
    if (oldest && !known && attachments.size >= this.#options.maxSessionsPerChat) {
      this.#detach(oldest, chatId);
      this.#options.catchUps.stop(oldest, chatId);
    }
    this.#options.catchUps.stop(session, chatId);
    const attachment: Attachment = { session, chatId, secureKey, channel, told: 0 };
    this.#byChat.set(chatId, attachments.set(session, attachment));
    this.#bySession.set(session, chats.add(chatId));
    if (!known) this.#options.onOpened?.(chatId);
    return attachment;
  }

  /** The chats of which a session hears. */
  chatsOf(session: PushSession<PushPrincipal>): Iterable<ChatId> {
    return this.#bySession.get(session) ?? [];
  }

  /** A push session is over; its chats go on. */
  ended(session: PushSession<PushPrincipal>): void {
    this.#options.catchUps.ended(session);
    for (const chatId of [...(this.#bySession.get(session) ?? [])]) this.#detach(session, chatId);
  }

  /**
   * Tells a tab alone. While it is told what there was, an answer says no more than that it is one: its events come with
   * the others, in order, and that the chat is over with the last of them.
   */
  tell(attachment: Attachment, reply: CustomerReply): void {
    const { session, chatId, channel } = attachment;
    const isBehind = this.#options.catchUps.isBehind(session, chatId);
    attachment.told += 1;
    session.deliver(prepareEvent(channel, isBehind ? { ...reply, messages: [], chatEnded: false } : reply));
  }

  /** Tells the tabs of a chat what a durable commit means for its customer, each event once. */
  tellChat({ after, stored, acceptedAtMs }: Commit): void {
    const attachments = this.#byChat.get(after.id);
    if (!attachments) return;
    const messages = customerEvents(after, stored);
    const [first] = attachments.values();
    const view = { chat: after, messagesFrom: () => stored };
    const isOver = endedForCustomer(after);
    if (first && (messages.length > 0 || isOver)) {
      const reply = customerReply(view, joinedKey(first), 1);
      const events = new Map<string, ReturnType<typeof prepareEvent>>();
      for (const attachment of attachments.values()) {
        const { channel, session } = attachment;
        attachment.told += 1;
        if (this.#options.catchUps.isBehind(session, after.id)) continue;
        const event = events.get(channel) ?? prepareEvent(channel, reply, { acceptedAtMs });
        events.set(channel, event);
        session.deliver(event);
      }
    }
    if (isOver) for (const session of [...attachments.keys()]) this.#detach(session, after.id);
  }

  #detach(session: PushSession<PushPrincipal>, chatId: ChatId): void {
    const attachments = this.#byChat.get(chatId);
    const isDetached = attachments?.delete(session) === true;
    if (attachments?.size === 0) this.#byChat.delete(chatId);
    const chats = this.#bySession.get(session);
    chats?.delete(chatId);
    if (chats?.size === 0) this.#bySession.delete(session);
    if (isDetached) this.#options.onClosed?.(chatId);
  }
}
