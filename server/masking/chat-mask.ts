import type { Chat } from '../domain/chat.ts';
import type { ChatEvent, StoredEvent } from '../domain/chat-event.ts';
import {
  customersOf,
  maskChat,
  maskEvent,
  speakerOf,
  type Masks,
  type Speaker,
} from '../domain/mask-event.ts';
import { orUnchanged, textMask, withoutDigits, type MaskingRule, type TextMask } from './text-mask.ts';

/** The section `masking` of the configuration. */
export interface MaskingConfig {
  readonly rules: readonly (MaskingRule & { readonly applyTo: 'always' | 'history' })[];
  readonly typingPreview: 'rules' | 'digits' | 'leave-out';
  readonly subject: boolean;
}

interface Details {
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly emailAddress?: string | undefined;
  readonly phoneNumber?: string | undefined;
}

/**
 * Where words are masked, for all that happens in a chat and for contacts: the books ask it before anything is stored
 * or told, and nobody else does.
 */
export interface ChatMask {
  /** The events as they may be stored and told while the chat is live. `chat`: before them, null for a new one. */
  live(chat: Chat | null, events: readonly ChatEvent[]): readonly ChatEvent[];
  /** The log as it is kept when the chat is over; the same list when nothing in it is to be masked. */
  kept(events: readonly StoredEvent[]): readonly StoredEvent[];
  /** The events, and the chat after them, as those outside may be told of them while the chat is live. */
  outside(told: Told): Told;
  /**
   * The details as a contact's profile may hold them, which outlives the chat. An address or a number in which
   * something is masked is left out: strangers would become one contact by it.
   */
  profile<Given extends Details>(details: Given, author: Speaker): Given;
}

interface Told {
  readonly stored: readonly StoredEvent[];
  readonly chat: Chat;
}

type Applied = MaskingConfig['rules'][number]['applyTo'];

/** Masks by the author of the words; null when no rule holds. */
type MasksBy = Readonly<Record<Speaker, Masks>> | null;

/** The mask of a configuration. Without rules it hands everything through. */
export function createChatMask(config: MaskingConfig): ChatMask {
  const live = masksBy(config, ['always']);
  // Of what was never sent nothing is kept that could be a beginning of what the rules look for.
  const typingPreview = config.typingPreview === 'rules' ? 'digits' : config.typingPreview;
  const kept = masksBy({ ...config, typingPreview }, ['always', 'history']);
  return {
    live: (chat, events) => (live ? maskedEvents(live, chat, events) : events),
    outside: (told) => (kept && config.rules.some(isForHistory) ? maskedOutside(kept, told) : told),
    kept: (events) => (kept ? maskedLog(kept, events, new Set()) : events),
    profile: (details, author) => (kept ? maskedProfile(kept[author].text, details) : details),
  };
}

function isForHistory({ applyTo }: MaskingConfig['rules'][number]): boolean {
  return applyTo === 'history';
}

function masksBy(config: MaskingConfig, applied: readonly Applied[]): MasksBy {
  const rules = config.rules.filter(({ applyTo }) => applied.includes(applyTo));
  if (rules.length === 0) return null;
  const masksOf = (author: Speaker): Masks => masksFor(config, textMask(rules, author));
  return { customer: masksOf('customer'), agent: masksOf('agent') };
}

function masksFor(config: MaskingConfig, mask: TextMask | null): Masks {
  const text = orUnchanged(mask);
  const previews: Record<MaskingConfig['typingPreview'], TextMask> = {
    rules: text,
    // The rules too, for they may ask for more than digits.
    digits: (typed) => withoutDigits(text(typed)),
    'leave-out': () => '',
  };
  return {
    text,
    url: (url) => maskedUrl(url, text),
    preview: mask ? previews[config.typingPreview] : text,
    subject: config.subject ? text : orUnchanged(null),
  };
}

/**
 * A URL can spell a character in several ways: when the rules find something in what it means and not in what it says,
 * nothing behind the host is kept.
 */
function maskedUrl(url: string, mask: TextMask): string {
  const masked = mask(url);
  const meaning = decoded(masked);
  if (mask(meaning) === meaning) return masked;
  const end = url.indexOf('/', url.indexOf('://') + 3);
  return end < 0 ? masked : `${url.slice(0, end)}/***`;
}

function decoded(url: string): string {
  const spaced = url.replaceAll('+', ' ');
  return spaced.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) =>
    Buffer.from(bytes.replaceAll('%', ''), 'hex').toString(),
  );
}

function note(event: ChatEvent, customers: Set<string>): void {
  if (event.type === 'ParticipantJoined' && event.participant.type === 'Customer')
    customers.add(event.participant.participantId);
}

function maskedEvents(
  masks: NonNullable<MasksBy>,
  chat: Chat | null,
  events: readonly ChatEvent[],
): readonly ChatEvent[] {
  const customers = customersOf(chat);
  return events.map((event) => {
    note(event, customers);
    return maskEvent(event, masks[speakerOf(event, customers)]);
  });
}

function maskedOutside(masks: NonNullable<MasksBy>, { stored, chat }: Told): Told {
  return {
    stored: maskedLog(masks, stored, customersOf(chat)),
    chat: maskChat(chat, (speaker) => masks[speaker]),
  };
}

function maskedLog(
  masks: NonNullable<MasksBy>,
  log: readonly StoredEvent[],
  customers: Set<string>,
): readonly StoredEvent[] {
  let differs = false;
  const masked = log.map((stored) => {
    note(stored.event, customers);
    const event = maskEvent(stored.event, masks[speakerOf(stored.event, customers)]);
    if (event === stored.event || JSON.stringify(event) === JSON.stringify(stored.event)) return stored;
    differs = true;
    return { ...stored, event };
  });
  return differs ? masked : log;
}

function maskedProfile<Given extends Details>(mask: TextMask, details: Given): Given {
  const { firstName, lastName, emailAddress, phoneNumber, ...rest } = details;
  const found = (value: string): boolean => mask(value) !== value;
  return {
    ...(rest as Given),
    ...(firstName === undefined ? {} : { firstName: mask(firstName) }),
    ...(lastName === undefined ? {} : { lastName: mask(lastName) }),
    ...(emailAddress === undefined || found(emailAddress) ? {} : { emailAddress }),
    ...(phoneNumber === undefined || found(phoneNumber) ? {} : { phoneNumber }),
  };
}
