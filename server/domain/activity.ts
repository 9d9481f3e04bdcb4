import { isLogged, type LoggedEvent, type StoredEvent } from './chat-event.ts';

/**
 * Which notices count as activity besides messages, joins and leaves; each includes those before it
 * (gms-customer-api §8, include-notices; §9, async-idle-notices). `major`: pushed addresses and files; `major2`: custom
 * notices too; `typing`: the beginning of typing too; `all`: every notice.
 */
export const countedNotices = ['none', 'major', 'major2', 'typing', 'all'] as const;
export type CountedNotices = (typeof countedNotices)[number];

const rank = { none: 0, major: 1, major2: 2, typing: 3, all: 4 } as const satisfies Record<
  CountedNotices,
  number
>;

/** When somebody was last active in a chat, and what the silence since then has led to. */
export interface Activity {
  /** For each of `countedNotices`, when there was last something that counts; milliseconds since the epoch. */
  readonly lastAtMs: Readonly<Record<CountedNotices, number>>;
  /** The last alert of this silence; null while there was none. */
  readonly alert: { readonly number: 1 | 2; readonly atMs: number; readonly counted: CountedNotices } | null;
}

/** From which of `countedNotices` on an entry of the message log counts. */
const countsFrom = {
  ParticipantJoined: 'none',
  ParticipantLeft: 'none',
  TextSent: 'none',
  UrlSent: 'major',
  FileUploaded: 'major',
  FileDeleted: 'major',
  CustomNoticeSent: 'major2',
  TypingStarted: 'typing',
  TypingStopped: 'all',
  NicknameUpdated: 'all',
  ReadConfirmed: 'all',
} as const satisfies Record<LoggedEvent['type'], CountedNotices>;

export function firstActivity(atMs: number): Activity {
  return { lastAtMs: { none: atMs, major: atMs, major2: atMs, typing: atMs, all: atMs }, alert: null };
}

/**
 * The activity after an event. What only supervisors see is none, for nobody may notice it; neither is what the contact
 * centre itself does (`isOurs`).
 */
export function activityAfter(before: Activity, { event, atMs }: StoredEvent, isOurs: boolean): Activity {
  if (event.type === 'IdleAlerted') {
    const { number, counted } = event;
    return { lastAtMs: before.lastAtMs, alert: { number, atMs, counted } };
  }
  if (isOurs || !isLogged(event)) return before;
  const { visibility } = event.type === 'ParticipantJoined' ? event.participant : event;
  if (visibility === 'Supervisors') return before;
  const from = rank[countsFrom[event.type]];
  const { none, major, major2, typing } = before.lastAtMs;
  const lastAtMs = {
    none: from === 0 ? atMs : none,
    major: from <= 1 ? atMs : major,
    major2: from <= 2 ? atMs : major2,
    typing: from <= 3 ? atMs : typing,
    all: atMs,
  };
  const { alert } = before;
  const isOver = alert !== null && from <= rank[alert.counted];
  return { lastAtMs, alert: isOver ? null : alert };
}
