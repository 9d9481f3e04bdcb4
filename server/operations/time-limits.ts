import type { QueueConfig, ServiceConfig } from '../config/config.ts';
import type { Chat } from '../domain/chat.ts';
import type { TimeLimits } from './deadlines.ts';
import type { Operations } from './operations.ts';
import { queueOf } from './queues.ts';

/** What a service says of silence in its chats; null: nothing follows from it. */
export function idleRulesOf(service: ServiceConfig | undefined, isAsync: boolean): ServiceConfig['idle'] {
  return (isAsync ? service?.async : service?.idle) ?? null;
}

/**
 * How long things may take in a chat, by its queue and its service. `startedAtMs` is when this server began to look after
 * chats. The limits are made once for each queue and service as long as the queue's settings are the same.
 */
export function timeLimits(operations: Operations, startedAtMs: number): (chat: Chat) => TimeLimits {
  const { customers } = operations.config;
  const known = new WeakMap<QueueConfig, Map<string, TimeLimits>>();
  return (chat) => {
    const queue = queueOf(operations, chat.id);
    let ofQueue = known.get(queue);
    if (!ofQueue) known.set(queue, (ofQueue = new Map()));
    const key = chat.isAsync ? `async ${chat.service}` : chat.service;
    const made = ofQueue.get(key);
    if (made) return made;
    const { lateReplyAlarmMs, idleAlarmMs, afterChatWorkMs, offerGraceMs } = queue;
    const limits: TimeLimits = {
      lateReplyAlarmMs,
      idleAlarmMs,
      afterChatWorkMs,
      offerGraceMs,
      startedAtMs,
      offerShownAtMs: (chatId, agentId) => operations.chats.offerShownAtMs(chatId, agentId),
      idle: idleRulesOf(operations.services.get(chat.service), chat.isAsync),
      idleGraceMs: customers.goneAfterMs,
      customerGoneMs: customers.goneAfterMs,
      customerPushMs: customers.goneAfterPushMs,
    };
    ofQueue.set(key, limits);
    return limits;
  };
}
