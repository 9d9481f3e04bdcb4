import { prepareEvent } from '@parley/bayeux/protocol/event.ts';
import type { Clock as PushClock } from '@parley/bayeux/sessions/clock.ts';
import type { PushSession } from '@parley/bayeux/sessions/push-session.ts';
import { customerChannelPrefix } from '@parley/contract/gms/push.ts';
import type { CustomerReply } from '@parley/contract/gms/replies.ts';
import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import { joinedKey } from '../domain/chat-key.ts';
import type { ChatId } from '../domain/ids.ts';
import { LoopShare } from '../limits/loop-share.ts';
import { findCustomerChat } from '../operations/customer-chat.ts';
import type { Operations } from '../operations/operations.ts';
import { readLiveChat, type ReadChat } from '../operations/read-chat.ts';
import type { PushPrincipal } from '../presence/push-principal.ts';
import { customerFailure, customerReplyPart } from '../views/customer-view.ts';
import type { Attachment } from './customer-gateway.ts';

type Session = PushSession<PushPrincipal>;

/** What the push that answers a publish says of it. */
export type Echo = Pick<CustomerReply, 'idempotencyKey'>;

export interface CustomerCatchUpsOptions {
  /** Bytes of JSON that wait in one push session, `push.maxQueueBytes`. */
  readonly maxQueueBytes: number;
  /** Chats of which one tab is told what there was, at a time; those that are over count too. One more is refused. */
  readonly maxChatsPerSession: number;
  readonly operations: () => Operations;
  readonly clock: PushClock | undefined;
  /** Something unexpected; the push session is renewed. */
  readonly onError: (error: unknown) => void;
}

/** One tab on its way through the log of one chat. */
interface CatchUp {
  readonly attachment: Attachment;
  /** The index of the next event to be told. */
  next: number;
  /** Of the requests that have had no answer yet. */
  readonly echoes: Echo[];
  isReading: boolean;
}

/** Requests of one tab for what there was that wait for their answers. One more is refused. */
const maxEchoes = 8;
/** A part of the history takes this share of a push queue: 128 KB unless it is configured. */
const partShare = 1 / 8;
/**
 * History's share of the event loop, and what is saved up of it: ten thousand messages are told without a pause. What the
 * connections do with the parts comes on top.
 */
const loopShare = { share: 0.02, savedMs: 100 };

/**
 * Tells tabs what there was, in parts: the next when the client has taken the one before, so that a history of any length
 * takes a quarter of the tab's push queue at most. Nothing but a position is kept meanwhile, and of a chat that is over
 * what was read of it, for a few tabs: what becomes durable is not told to such a tab, for it is in the log, where the
 * parts come from; the last part ends where that log ends.
 */
export class CustomerCatchUps {
  readonly #options: CustomerCatchUpsOptions;
  readonly #bySession = new Map<Session, Map<ChatId, CatchUp>>();
  /** Tabs that have taken what they were told, in the order in which they did. */
  readonly #taken = new Set<Session>();
  /** One tab is told its next part: history has a share of the event loop only, for what people say now comes first. */
  readonly #piece = (): void => {
    this.#isScheduled = false;
    const [session] = this.#taken;
    if (!session) return;
    this.#taken.delete(session);
    if (this.#taken.size > 0) this.#schedule();
    this.#goOn(session);
  };
  readonly #share: LoopShare;
  #isScheduled = false;

  constructor(options: CustomerCatchUpsOptions) {
    this.#options = options;
    this.#share = new LoopShare({ ...loopShare, clock: options.clock });
  }

  /** Whether a tab is still being told what there was. */
  isBehind(session: Session, chatId: ChatId): boolean {
    return this.#bySession.get(session)?.has(chatId) === true;
  }

  /**
   * Tells everything from this index on. A tab that asks again while it is told what there was goes on from the earlier of
   * the two places, so that neither request misses anything. Unavailable when too many requests wait.
   */
  start(attachment: Attachment, position: number, echo: Echo): Refusal | null {
    const { session, chatId } = attachment;
    const underWay = this.#bySession.get(session)?.get(chatId);
    const echoes = [...(underWay?.echoes ?? [])];
    const isKnown = echoes.some(({ idempotencyKey }) => idempotencyKey === echo.idempotencyKey);
    if (!isKnown) echoes.push(echo);
    if (!underWay && (this.#bySession.get(session)?.size ?? 0) >= this.#options.maxChatsPerSession)
      return refuse('Unavailable', 'This connection is told of too many chats.');
    if (echoes.length > maxEchoes) return refuse('Unavailable', 'Too many requests wait for their answers.');
    if (underWay) this.#options.operations().keptReads.drop(underWay);
    const next = Math.min(position, underWay?.next ?? position);
    const catchUps = this.#bySession.get(session) ?? new Map<ChatId, CatchUp>();
    this.#bySession.set(session, catchUps.set(chatId, { attachment, next, echoes, isReading: false }));
    session.onTaken = () => this.#goOnLater(session);
    this.#goOn(session);
    return null;
  }

  /** The tab hears of this chat no more. */
  stop(session: Session, chatId: ChatId): void {
    const catchUps = this.#bySession.get(session);
    const catchUp = catchUps?.get(chatId);
    if (!catchUps || !catchUp) return;
    catchUps.delete(chatId);
    this.#options.operations().keptReads.drop(catchUp);
    if (catchUps.size === 0) this.ended(session);
  }

  /** The push session is over, or has nothing left to be told. */
  ended(session: Session): void {
    for (const catchUp of this.#bySession.get(session)?.values() ?? [])
      this.#options.operations().keptReads.drop(catchUp);
    this.#bySession.delete(session);
    session.onTaken = undefined;
  }

  #goOnLater(session: Session): void {
    this.#taken.add(session);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#share.soon(this.#piece);
  }

  /** Tells the next part of one chat of a tab whose queue is nearly empty. */
  #goOn(session: Session): void {
    const enough = (this.#options.maxQueueBytes * partShare) / 2;
    const catchUps = this.#bySession.get(session)?.values();
    if (!catchUps || session.queuedBytes > enough) return;
    for (const catchUp of catchUps) if (!catchUp.isReading) return this.#readPart(catchUp);
  }

  #readPart(catchUp: CatchUp): void {
    const live = readLiveChat(this.#options.operations(), catchUp.attachment.chatId);
    if (live) return this.#tellPart(catchUp, live);
    catchUp.isReading = true;
    void this.#readArchived(catchUp);
  }

  async #readArchived(catchUp: CatchUp): Promise<void> {
    const { attachment } = catchUp;
    const { session, chatId, secureKey, channel } = attachment;
    const service = channel.slice(customerChannelPrefix.length);
    const operations = this.#options.operations();
    const isGoingOn = (): boolean => this.#bySession.get(session)?.get(chatId) === catchUp;
    try {
      // Its key is right for as long as the tab has it: it was proven by the first read.
      const read = await operations.keptReads.read(catchUp, () =>
        findCustomerChat(operations, { chatId, secureKey, service }),
      );
      catchUp.isReading = false;
      if (isGoingOn() && !isRefusal(read)) this.#tellPart(catchUp, read);
      if (!isGoingOn()) return operations.keptReads.drop(catchUp);
      if (!isRefusal(read)) return;
      this.stop(session, chatId);
      session.deliver(prepareEvent(channel, { ...customerFailure(read, chatId), ...catchUp.echoes[0] }));
    } catch (error) {
      this.#options.onError(error);
      session.renew();
    }
  }

  #tellPart(catchUp: CatchUp, view: ReadChat): void {
    const { attachment, next: position, echoes } = catchUp;
    const { session, chatId, channel } = attachment;
    const maxBytes = this.#options.maxQueueBytes * partShare;
    const part = customerReplyPart(view, joinedKey(attachment), { position, maxBytes });
    catchUp.next = part.next;
    const catchUps = this.#bySession.get(session);
    catchUps?.delete(chatId);
    // Chats take turns. The answer of each request comes before what it answers.
    if (part.isLast) this.#leaveEmpty(session);
    else catchUps?.set(chatId, catchUp);
    const [first, ...others] = echoes.splice(0);
    const empty = { ...part.reply, chatEnded: false, nextPosition: position, messages: [] };
    const replies = [...others.map((echo) => ({ ...empty, ...echo })), { ...part.reply, ...first }];
    for (const reply of replies) {
      attachment.told += 1;
      session.deliver(prepareEvent(channel, reply));
    }
  }

  #leaveEmpty(session: Session): void {
    if (this.#bySession.get(session)?.size === 0) this.ended(session);
  }
}
