import type Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { Chat, ChatMessage, Participant } from './chat.ts';
import { ChatStateChangeMessage, MessageLogUpdated } from './notifications.ts';

/** The keys of the founding page's payloads. The schemas may have more; these must be required. */
describe('the schemas require every key of the founding page', () => {
  it.each([
    ['ChatStateChangeMessage', ChatStateChangeMessage, ['messageType', 'notificationType', 'chat']],
    ['chat', Chat, ['state', 'capabilities', 'id', 'uri', 'participants']],
    ['participant', Participant, ['type', 'nickname', 'participantId']],
    ['MessageLogUpdated', MessageLogUpdated, ['messageType', 'notificationType', 'messages', 'chatUri']],
    ['message', ChatMessage, ['index', 'type', 'from', 'visibility', 'timestamp']],
  ] satisfies [string, Type.TObject, string[]][])('%s', (_name, schema, keys) => {
    expect(schema.required).toEqual(expect.arrayContaining(keys));
  });

  it('and know its keys that are not always there', () => {
    expect(ChatStateChangeMessage.properties).toHaveProperty('referenceId');
    expect(ChatMessage.properties).toHaveProperty('text');
  });
});
