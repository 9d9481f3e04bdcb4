import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from './clock.ts';
import type { RoomListener } from './journal/group-commit.ts';
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
