import type { CustomerEvent } from '@parley/contract/gms/replies.ts';
import type { ChatMessage } from '@parley/contract/gws/chat.ts';

/** Who looks at a log: customers see the least. */
export type Sight = 'customer' | 'agent' | 'supervisor';

/** Who may see an entry (gws-agent-api §5.4). */
export type Visibility = ChatMessage['visibility'];

/** An entry of a chat's message log, in the words of the agent API, whichever API it was read from. */
export interface LogEntry {
  readonly index: number;
  readonly type: ChatMessage['type'] | 'NicknameUpdated';
  readonly nickname: string;
  readonly text?: string | undefined;
  readonly atMs: number;
  /** Absent where it is not told, as on the customer API. */
  readonly visibility?: Visibility | undefined;
  /**
   * Of a leave: whether it was the doing of the server or of another participant, and not what whoever left had asked
   * for. Absent where it is not told, as on the agent API.
   */
  readonly isRemoval?: boolean | undefined;
}

export function entryOfAgent(message: ChatMessage): LogEntry {
  const { index, type, from, text, timestampSeconds, visibility } = message;
  return { index, type, nickname: from.nickname, text, atMs: timestampSeconds, visibility };
}

/** A leave carries a quit-reason code when it was not the wish of whoever left (gms-customer-api §4.1). */
export function entryOfCustomer(event: CustomerEvent): LogEntry {
  const { index, type, from, text, utcTime, eventAttributes } = event;
  const isRemoval = eventAttributes['GCTI_SYSTEM']?.['quit-reason-code'] !== undefined;
  return {
    ...{ index, type: type === 'Message' ? 'Text' : type, nickname: from.nickname, text, atMs: utcTime },
    ...(type === 'ParticipantLeft' ? { isRemoval } : {}),
  };
}

/** What a request should leave in the log. */
export type Saying = Pick<LogEntry, 'type' | 'nickname' | 'text'>;

/** How a request ended: answered, refused, or without an answer, so that nobody knows whether it was carried out. */
export type Outcome = 'acknowledged' | 'refused' | 'unknown';

/** A request of which the log must tell. Times are of one monotonic clock, in milliseconds. */
export interface Operation {
  readonly saying: Saying;
  readonly visibility: Visibility;
  readonly invokedAtMs: number;
  /** `unknown` while it is under way. */
  readonly outcome: Outcome;
  /** Infinity while it is under way. */
  readonly endedAtMs: number;
  /** The index that the answer named, when it did. */
  readonly index?: number | undefined;
}

export interface Seen {
  readonly entry: LogEntry;
  readonly atMs: number;
}

/**
 * What one observer was told without being asked, in the order of arrival: everything that they may see from the first
 * entry on, each once. A reconnection without the old session begins another stream.
 */
export interface Stream {
  readonly observer: string;
  readonly sight: Sight;
  readonly seen: readonly Seen[];
  /** The observer still listens: every text that they may see must have come. */
  readonly isOpen: boolean;
  /** The index from which the observer asked to be told; undefined when that was up to the server. */
  readonly fromIndex?: number | undefined;
}

/** The answer to a question for a message log, from `fromIndex` on. */
export interface Reading {
  readonly observer: string;
  readonly sight: Sight;
  readonly askedAtMs: number;
  readonly answeredAtMs: number;
  readonly fromIndex: number;
  readonly entries: readonly LogEntry[];
  /** Nothing behind this index is shown to the observer, who has left. */
  readonly untilIndex?: number | undefined;
}

/** Everything that all clients have done and seen in one chat. */
export interface ChatHistory {
  readonly chatId: string;
  readonly operations: readonly Operation[];
  readonly streams: readonly Stream[];
  readonly readings: readonly Reading[];
}

/** The identity of what is said; a text that is unique makes its message unique. */
export function keyOf({ type, nickname, text }: Saying): string {
  return JSON.stringify([type, nickname, text ?? '']);
}
