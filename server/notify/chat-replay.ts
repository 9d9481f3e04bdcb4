import { prepareEvent, type PreparedEvent } from '@parley/bayeux/protocol/event.ts';
import type { ReplayPage, ReplaySource } from '@parley/bayeux/extensions/replay.ts';
import type { MessageLogUpdated } from '@parley/contract/gws/notifications.ts';
import { isRefusal } from '@parley/contract/refusals.ts';
import type { ChatId } from '../domain/ids.ts';
import { sightOf } from '../domain/visibility.ts';
import type { Operations } from '../operations/operations.ts';
import { messagesFor, readAgentChat } from '../operations/read-chat.ts';
import type { PushPrincipal } from '../presence/push-principal.ts';
import { messageView, visibleEntries } from '../views/agent-view.ts';
import type { WireFormat } from '../views/wire-format.ts';

/**
 * One chat's messages on a channel of their own, `/v2/me/chats/{id}`: what `/v2/me/chats` says of this chat, with the
 * `index` of the last message as its position, so that a subscriber can go on after the last one it kept. It is heard
 * by those who subscribe to exactly this channel: whoever asks for `/**` would else hear everything twice.
 */
export function chatChannel(chatId: string): string {
  return `/v2/me/chats/${chatId}`;
}

const chatChannelPattern = /^\/v2\/me\/chats\/([0-9A-Za-z]{16})$/;

/** The event on the chat's own channel for messages that are told on `/v2/me/chats`. */
export function chatChannelEvent(chatId: string, message: MessageLogUpdated): PreparedEvent | null {
  const last = message.messages.at(-1);
  return last ? prepareEvent(chatChannel(chatId), message, { position: last.index }) : null;
}

/**
 * Answers the replay extension from the chat's log: an agent gets the messages they may read, after the position; what
 * they see is said by what they are in the chat (`sightOf`), as it is for what is told at once.
 * Other channels and other people's chats have no positions to serve.
 */
export function chatReplay(operations: () => Operations, wire: WireFormat): ReplaySource<PushPrincipal> {
  return {
    async read({ session, channel, afterPosition, maxEvents }): Promise<ReplayPage | undefined> {
      const chatId = chatChannelPattern.exec(channel)?.[1] as ChatId | undefined;
      const { principal } = session;
      if (chatId === undefined || principal.kind !== 'agent') return undefined;
      const { agentId } = principal;
      const found = await readAgentChat(operations(), { agentId, chatId });
      if (isRefusal(found)) return undefined;
      const stored = messagesFor(found, agentId, Math.max(1, afterPosition + 1));
      if (isRefusal(stored)) return undefined;
      const entries = visibleEntries(stored, found.chat.parties, sightOf(found.chat, agentId));
      const chatPath = `/chats/${chatId}`;
      const events = entries.slice(0, maxEvents).flatMap(
        (entry) =>
          chatChannelEvent(chatId, {
            messageType: 'MessageLogUpdated',
            notificationType: 'NewMessages',
            messages: [messageView(entry, wire)],
            chatUri: wire.uri(chatPath),
            chatPath,
          }) ?? [],
      );
      return { events, isComplete: entries.length <= maxEvents };
    },
  };
}
