import { describe, expect, it } from 'vitest';
import { digest } from './digest.ts';

const call = { method: 'POST', path: '/api/v2/me' };

describe('digest', () => {
  it('tells a request by its operation and parameters', () => {
    const body = { operationName: 'StartContactCenterSession', channels: ['chat'] };
    expect(digest({ kind: 'request', ...call, body })).toEqual([
      'POST /api/v2/me',
      '  operationName StartContactCenterSession, channels ["chat"]',
    ]);
    expect(digest({ kind: 'request', ...call, body: undefined })).toEqual(['POST /api/v2/me']);
  });

  it('tells a reply by its status and what it brought', () => {
    const messages = [{ index: 5, type: 'Message', from: { nickname: 'PersonP' }, text: 'Hello World' }];
    const body = { statusCode: 0, chatId: 'x', chatEnded: true, messages };
    expect(digest({ kind: 'reply', ...call, httpStatus: 200, body })).toEqual([
      'HTTP 200, statusCode 0, chat x, chatEnded',
      '  5 Message PersonP: Hello World',
    ]);
  });

  it('tells a notification by what changed', () => {
    const chat = {
      state: 'Chatting',
      participants: [{ type: 'Agent', nickname: 'Marat' }],
      capabilities: ['Leave'],
    };
    const data = { messageType: 'ChatStateChangeMessage', notificationType: 'ParticipantsUpdated', chat };
    expect(digest({ kind: 'notification', channel: '/v2/me/chats', data })).toEqual([
      'ParticipantsUpdated: Chatting',
      '  participants: Agent Marat',
      '  capabilities: Leave',
    ]);
  });
});
