import { pushedTypes, type PushedType, type PushToApp } from '@parley/contract/push-to-apps.ts';
import type { Clock } from '../clock.ts';
import { isClosed, partyOf, type Chat } from '../domain/chat.ts';
import type { ChatEvent, StoredEvent } from '../domain/chat-event.ts';
import type { ChatId } from '../domain/ids.ts';
import { pushSubscriptionOf } from '../domain/push-subscription.ts';
import { quitReasonCode } from '../domain/quit-reason.ts';
import type { DispatchRow } from '../journal/journal.ts';
import type { ChatBook } from '../operations/chat-book.ts';
import type { PushSender } from '../outbox/push-sender.ts';
import type { Outcome, Receiver, Telling } from '../outbox/receiver.ts';
import { customerEvents } from '../views/customer-view.ts';

const pushed = new Set<string>(pushedTypes);

/** What has a name in pushes only (gms-customer-api §4: IdleAlert, IdleClose). */
function idleTypeOf(event: ChatEvent): PushedType | undefined {
  if (event.type === 'IdleAlerted') return 'IdleAlert';
  return event.type === 'SessionEnded' && event.reason === 'idle' ? 'IdleClose' : undefined;
}

export interface ClosedAppsOptions {
  readonly sender: PushSender;
  readonly includePayload: boolean;
  readonly delayMs: number;
  readonly clock: Clock;
  readonly chats: () => Pick<ChatBook, 'durable' | 'messageLog'>;
  /** What waits for its time in this chat need wait no longer. */
  readonly hasten: (chatId: ChatId) => void;
}

/**
 * Customers with a push subscription whose apps are closed (gms-customer-api §6.5, §9): the receiver that tells them. What
 * happens in such a chat is written down to be pushed after `delayMs`, and forgotten when the customer has fetched it by
 * then: any request of theirs that came after it says so. An app that says that it goes to the background is told at
 * once, from the position on that it names. What was fetched is kept in memory only, so after a restart nothing is pushed
 * before `delayMs` are over again.
 */
export class ClosedApps implements Receiver {
  readonly name = 'push';
  readonly events = pushedTypes;
  readonly #options: ClosedAppsOptions;
  readonly #startedAtMs: number;
  /** For each chat with a subscription the `seq` up to which its customer has fetched what happened. */
  readonly #fetched = new Map<ChatId, number>();
  /** Whose apps are known to be closed. */
  readonly #away = new Set<ChatId>();

  constructor(options: ClosedAppsOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.now();
  }

  get url(): string {
    return this.#options.sender.url;
  }

  get parallel(): number {
    return this.#options.sender.parallel;
  }

  /** A request of the customer has come in: they have what is durable by now, or are about to. */
  heard(chatId: ChatId): void {
    const chat = this.#options.chats().durable(chatId);
    if (!chat || !pushSubscriptionOf(chat)) return;
    this.#fetched.set(chatId, chat.seq);
    this.#away.delete(chatId);
  }

  /** The customer's app goes to the background and has seen the log up to this index (gms-customer-api §6.5). */
  wentToBackground(chatId: ChatId, position: number): void {
    const { chats, hasten } = this.#options;
    const chat = chats().durable(chatId);
    if (!chat || !pushSubscriptionOf(chat)) return;
    const [next] = chats().messageLog(chatId, position + 1, 1);
    this.#fetched.set(chatId, next ? next.seq - 1 : chat.seq);
    this.#away.add(chatId);
    hasten(chatId);
  }

  /** A chat's commit is durable. */
  follow(after: Chat): void {
    if (!isClosed(after) || (!this.#fetched.has(after.id) && !this.#away.has(after.id))) return;
    const { clock, delayMs } = this.#options;
    // What was said last is looked at once more, when its time has come.
    clock.setTimer(clock.now() + 2 * delayMs, () => {
      this.#fetched.delete(after.id);
      this.#away.delete(after.id);
    });
  }

  tellingOf(stored: StoredEvent, chat: Chat): Telling | null {
    const subscription = pushSubscriptionOf(chat);
    if (!subscription) return null;
    const { includePayload, delayMs } = this.#options;
    const [event] = customerEvents(chat, [stored]);
    const type = idleTypeOf(stored.event) ?? event?.type;
    if (type === undefined || !pushed.has(type) || isOwn(stored.event, chat)) return null;
    const push: PushToApp = {
      type: type as PushedType,
      chatId: chat.id,
      service: chat.service,
      seq: stored.seq,
      timestamp: new Date(stored.atMs).toISOString(),
      ...subscription,
      ...(stored.event.type === 'ParticipantLeft'
        ? { quitReasonCode: quitReasonCode(stored.event.reason) }
        : {}),
      ...(includePayload && event ? { event } : {}),
    };
    const dueAtMs = this.#away.has(chat.id) ? stored.atMs : stored.atMs + delayMs;
    return { kind: type, body: JSON.stringify(push), dueAtMs };
  }

  async send({ id, body, chatId }: DispatchRow, signal: AbortSignal): Promise<Outcome> {
    const { sender, delayMs, clock, hasten } = this.#options;
    const push = JSON.parse(body) as PushToApp;
    const fetched = this.#fetched.get(chatId);
    if (fetched !== undefined && push.seq <= fetched) return { outcome: 'Moot' };
    const earliestMs = this.#startedAtMs + delayMs;
    if (!this.#away.has(chatId) && clock.now() < earliestMs) return { outcome: 'NotYet', atMs: earliestMs };
    this.#away.add(chatId);
    hasten(chatId);
    return sender.send(id, push, signal);
  }

  close(): void {
    this.#options.sender.close();
  }
}

/** Nobody is told what they did themselves, but for how they left (gms-customer-api §4.1: codes 0 and 3). */
function isOwn(event: ChatEvent, chat: Chat): boolean {
  if (event.type === 'ParticipantJoined') return event.participant.type === 'Customer';
  if (event.type === 'ParticipantLeft' || !('participantId' in event)) return false;
  return partyOf(chat, event.participantId)?.type === 'Customer';
}
