/** Everything that can be wrong with a history, and what each comes to for whoever reads a report. */
export const findingKinds = {
  /** Acknowledged, and missing in a log that was asked for later. */
  lost: 'lost',
  /** Seen by somebody, and missing in a log that was asked for later: it was shown before it was durable. */
  vanished: 'lost',
  /** In the log, and never told to somebody who listened all the time. */
  undelivered: 'lost',
  /** An index at which nobody has ever seen anything. */
  gap: 'lost',
  /** In the log more often than it was sent. */
  doubled: 'doubled',
  /** Told to the same listener twice. */
  deliveredTwice: 'doubled',
  /** Told to a listener behind an entry with a higher index. */
  deliveredOutOfOrder: 'outOfOrder',
  /** Acknowledged before another was sent, and behind it in the log. */
  orderBroken: 'outOfOrder',
  /** Two different entries under one index. */
  indexReused: 'outOfOrder',
  /** Acknowledged with an index that the log does not have it under. */
  indexMoved: 'outOfOrder',
  /** Shown to somebody who may not see it. */
  wrongEyes: 'wrong',
  /** In another chat than the one it was said in. */
  wrongChat: 'wrong',
  /** In the log, and nobody has sent it. */
  phantom: 'wrong',
  /** Refused, and in the log all the same. */
  refusedYetThere: 'wrong',
  /** Seen before it was sent. */
  tooEarly: 'wrong',
} as const;

export type FindingKind = keyof typeof findingKinds;
export type FindingClass = (typeof findingKinds)[FindingKind];

export interface Finding {
  readonly kind: FindingKind;
  readonly chatId: string;
  /** What exactly, for whoever looks for the bug. */
  readonly detail: string;
}
