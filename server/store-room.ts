import type { FastifyBaseLogger } from 'fastify';
import type { Cancel, Clock } from './clock.ts';
import type { RoomListener } from './journal/group-commit.ts';
import { JournalError } from './journal/journal-error.ts';
import type { JournalMeter } from './journal/journal-meter.ts';
import type { RequestsUnderWay } from './limits/requests-under-way.ts';

export interface StoreRoomParts {
  readonly logger: FastifyBaseLogger;
  readonly clock: Clock;
  readonly underWay: RequestsUnderWay;
}

/** What the server does when there is no room on the disk, and when there is again: it says so, and lets nobody wait. */
export function storeRoom({ logger, clock, underWay }: StoreRoomParts): RoomListener {
  let sinceMs = clock.now();
  return (sentence) => {
    underWay.setFull(sentence !== null);
    if (sentence === null) {
      logger.warn({ afterMs: clock.now() - sinceMs }, 'there is room on the disk again: changes are taken');
      return;
    }
    sinceMs = clock.now();
    logger.error({ reason: sentence }, 'the disk is full: changes are refused until there is room');
  };
}

/** A server that is stopped on a full disk tries for so long: whoever makes room and then stops it loses nothing. */
export const lastTriesMs = 2_000;

export interface EndParts extends Pick<StoreRoomParts, 'clock' | 'underWay'> {
  readonly meter: JournalMeter;
  /** Resolves when everything that was taken is durable and the store is closed. */
  readonly end: () => Promise<void>;
}

/**
 * Ends the server, or gives it up with a `JournalError` when there is no room for what is still to be written. Nobody was
 * told that this was done, and whoever waits for it is answered at once.
 */
export async function endWithRoom({ clock, underWay, meter, end }: EndParts): Promise<void> {
  const noRoom = Promise.withResolvers<never>();
  let cancel: Cancel = () => {};
  const look = (wasFull: boolean): void => {
    const { isFull, waitingEntries } = meter;
    if (isFull && wasFull) return noRoom.reject(new JournalError('full', lostSentence(waitingEntries)));
    if (isFull) underWay.answerAll();
    cancel = clock.setTimer(clock.now() + lastTriesMs, () => look(isFull));
  };
  look(false);
  try {
    await Promise.race([end(), noRoom.promise]);
  } finally {
    cancel();
  }
}

function lostSentence(changes: number): string {
  return (
    `The disk is full: what nobody was told is done could not be stored and is lost (changes: ${changes}). ` +
    'Make room before the next start.'
  );
}
