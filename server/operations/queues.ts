import type { QueueConfig } from '../config/config.ts';
import type { QueuePlacement } from '../domain/chat-event.ts';
import type { ChatId } from '../domain/ids.ts';
import type { Operations } from './operations.ts';

/** How a chat stands in the named queue, as the configuration has it. Throws for an unknown queue. */
export function placementOf(operations: Operations, queueName: string): QueuePlacement {
  const queue = operations.queues.get(queueName);
  if (!queue) throw new Error(`queue ${queueName} is not configured`);
  const { name, priority, ageingPerMinute, skills } = queue;
  return { queue: name, priority, ageingPerMinute, skills };
}

/** The settings of the chat's queue; of the first queue when its own is no longer configured. */
export function queueOf(operations: Operations, chatId: ChatId): QueueConfig {
  const own = operations.queues.get(operations.chats.queueNameOf(chatId) ?? '');
  const [queue] = own ? [own] : operations.queues.values();
  if (!queue) throw new Error('no queue is configured');
  return queue;
}

/** Until when an agent who declines the chat now is left out of it. */
export function declinedUntilMs(operations: Operations, chatId: ChatId): number {
  return operations.clock.now() + queueOf(operations, chatId).declineBackoffMs;
}

/** When an offer that is made now runs out. */
export function offerEndsAtMs(operations: Operations, chatId: ChatId): number {
  return operations.clock.now() + queueOf(operations, chatId).offerTimeoutMs;
}

/** What desktops are told of dispositions is what counts here as well (gws-agent-api §8.4). */
const workspace = 'interaction-workspace';
const keyName = 'interaction.disposition.key-name';
const isMandatory = 'interaction.disposition.is-mandatory';

/** The key of the user data under which a disposition stands, unless the agent names another (§4.17). */
export function dispositionKeyOf({ config }: Operations): string {
  return config.userSettings[workspace]?.[keyName] ?? 'DispositionCode';
}

/** The key that must hold a disposition before the chat is completed; null when none must. */
export function mandatoryDisposition(operations: Operations, chatId: ChatId): string | null {
  const everywhere = operations.config.userSettings[workspace]?.[isMandatory] === 'true';
  const isNeeded = everywhere || queueOf(operations, chatId).dispositionIsMandatory;
  return isNeeded ? dispositionKeyOf(operations) : null;
}
