import { isRefusal } from '@parley/contract/refusals.ts';
import type { Chat } from '../domain/chat.ts';
import type { ChatCommand } from '../domain/commands.ts';
import type { ChatId } from '../domain/ids.ts';
import { departuresOf, type Departure, type PatientChat } from '../routing/queue-rules.ts';
import { requirementAfter } from '../routing/relaxation.ts';
import { queueSight, announcementOf } from './admission.ts';
import type { Operations } from './operations.ts';
import { placementOf } from './queues.ts';
import { staffingOf } from './staffing.ts';
import { untilTaken } from './take.ts';

/** Whether the customer still waits for their first agent. One who has been served is not given up. */
function isPatient(chat: Chat): boolean {
  return (
    chat.session === 'Open' && !chat.parties.some((one) => one.type === 'Agent' && one.visibility === 'All')
  );
}

/** Takes chats out of queues in which they have waited too long, or for whom nobody is there. */
export class QueueLimits {
  readonly #operations: Operations;
  readonly #onError: (error: unknown) => void;
  /** Those on their way out whose departure the store has not taken yet. */
  readonly #leaving = new Set<ChatId>();

  constructor(operations: Operations, onError: (error: unknown) => void) {
    this.#operations = operations;
    this.#onError = onError;
  }

  /** Looks at everybody who waits; returns when the next wait is over. Costs nothing when no queue has such limits. */
  look(): number | null {
    const { queues, clock, chats } = this.#operations;
    const isLimited = [...queues.values()].some(
      (one) => one.maxWaitMs !== null || one.whenUnstaffed === 'Overflow',
    );
    if (!isLimited) return null;
    const isStaffed = staffingOf(this.#operations);
    const patient = chats.waiting().flatMap((chat): PatientChat[] => {
      if (!isPatient(chat) || this.#leaving.has(chat.id)) return [];
      const { queue, skills } = chat.placement;
      const asked = (): boolean => {
        const steps = queues.get(queue)?.relaxation;
        const waitedMs = clock.now() - chat.waitingSinceMs;
        return isStaffed(queue, requirementAfter(waitedMs, skills, steps).skills);
      };
      return [{ chatId: chat.id, queue, waitingSinceMs: chat.waitingSinceMs, isStaffed: asked }];
    });
    const { departures, nextAtMs } = departuresOf(clock.now(), patient, queueSight(this.#operations));
    for (const departure of departures) void this.#leave(departure);
    return nextAtMs;
  }

  #commandFor(departure: Departure): ChatCommand {
    const { chats, queues } = this.#operations;
    if (departure.kind === 'Overflow')
      return { type: 'Overflow', placement: placementOf(this.#operations, departure.queue) };
    const text = queues.get(chats.queueNameOf(departure.chatId) ?? '')?.waitedText ?? '';
    const announcement = announcementOf(this.#operations, text);
    return { type: 'GiveUp', ...(announcement ? { announcement } : {}) };
  }

  async #leave(departure: Departure): Promise<void> {
    const { chats, clock } = this.#operations;
    const { chatId } = departure;
    this.#leaving.add(chatId);
    try {
      const command = this.#commandFor(departure);
      const outcome = await untilTaken(clock, () => chats.submit(chatId, command));
      // An agent may have got it while the store was full; anything else cannot be.
      if (isRefusal(outcome) && outcome.refused !== 'NotAllowedInState' && outcome.refused !== 'NotFound')
        throw new Error(`chat ${chatId} could not leave its queue: ${outcome.refused}`);
    } catch (error) {
      this.#onError(error);
    } finally {
      this.#leaving.delete(chatId);
    }
  }
}
