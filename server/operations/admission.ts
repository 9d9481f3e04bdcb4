import { refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { ServiceConfig } from '../config/config.ts';
import type { Announcement } from '../domain/commands.ts';
import { newParticipantId } from '../domain/ids.ts';
import { isOpen } from '../domain/business-hours.ts';
import { admit, type QueueSight } from '../routing/queue-rules.ts';
import type { Operations } from './operations.ts';
import { staffingOf } from './staffing.ts';

/** Where a new chat of a service would wait, and what its customer is told at once. */
export interface Admitted {
  readonly queue: string;
  /** Empty: nothing. */
  readonly text: string;
}

/** What is asked of hours: those of a service or of a queue. */
interface Opening {
  readonly businessHours: string | null;
  readonly whenClosed: 'Refuse' | 'Take';
  readonly closedText: string;
}

function isClosed({ config, clock }: Operations, opening: Opening | undefined): opening is Opening {
  const table = config.businessHours.find((one) => one.name === opening?.businessHours);
  return table !== undefined && !isOpen(table, clock.now());
}

/** What the rules of queues look at, now: for one turn of the event loop. */
export function queueSight(operations: Operations): QueueSight {
  const { queues, chats } = operations;
  const isStaffed = staffingOf(operations);
  return {
    rulesOf: (queue) => queues.get(queue),
    waitingIn: (queue) => chats.waiting().filter((chat) => chat.placement.queue === queue).length,
    isStaffed: (queue) => isStaffed(queue, queues.get(queue)?.skills ?? []),
  };
}

/**
 * Whether a new chat for the service, or straight for the queue, is taken now. Refuses Closed with the configured text
 * outside of business hours, and Unavailable, which the customer may try again, when the queue is full or nobody is
 * there. Chats that are there already, transferred ones too, are not asked.
 */
export function admission(
  operations: Operations,
  wanted: ServiceConfig | { readonly queue: string },
): Admitted | Refusal {
  const { queues } = operations;
  const openings = ['businessHours' in wanted ? wanted : undefined, queues.get(wanted.queue)];
  const closed = openings.filter((one) => isClosed(operations, one));
  const refusing = closed.find((one) => one?.whenClosed === 'Refuse');
  if (refusing) return refuse('Closed', refusing.closedText || undefined);
  const admitted = admit(wanted.queue, queueSight(operations));
  if (admitted.kind === 'Refuse')
    return refuse('Unavailable', queues.get(admitted.queue)?.busyText || undefined);
  return { queue: admitted.queue, text: closed[0]?.closedText ?? '' };
}

/** Words of the contact centre itself; undefined for none. */
export function announcementOf({ config, random }: Operations, text: string): Announcement | undefined {
  if (text === '') return undefined;
  return { participantId: newParticipantId(random), nickname: config.contactCenter.name, text };
}
