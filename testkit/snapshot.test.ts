import { describe, expect, it } from 'vitest';
import { forSnapshot, SnapshotNames } from './snapshot.ts';

const chat = '0000Na9B26EF002X';
const agent = '009052C5E743004C';
const customer = '009052C5E6D6004A';

describe('forSnapshot', () => {
  it('names ids by kind, and the same id the same everywhere', () => {
    const value = {
      messageType: 'ChatStateChangeMessage',
      referenceId: 13,
      chat: {
        id: chat,
        uri: `http://127.0.0.1:40123/api/v2/chats/${chat}`,
        path: `/chats/${chat}`,
        participants: [
          { participantId: agent, id: agent, nickname: 'Marat', uri: `/users/${'ab'.repeat(16)}` },
          { participantId: customer, id: customer, nickname: 'PersonP' },
        ],
        receivedDate: '2014-01-02T14:23:18.000-0800',
      },
      statusMessage: `chat ${chat} is Completed since 2014-01-02 14:23:18.000-0800.`,
    };
    const before = structuredClone(value);
    expect(forSnapshot(value)).toEqual({
      messageType: 'ChatStateChangeMessage',
      referenceId: '<reference-1>',
      chat: {
        id: '<chat-1>',
        uri: 'http://127.0.0.1:<port>/api/v2/chats/<chat-1>',
        path: '/chats/<chat-1>',
        participants: [
          {
            participantId: '<participant-1>',
            id: '<participant-1>',
            nickname: 'Marat',
            uri: '/users/<user-1>',
          },
          { participantId: '<participant-2>', id: '<participant-2>', nickname: 'PersonP' },
        ],
        receivedDate: '<time>',
      },
      statusMessage: 'chat <chat-1> is Completed since <time>.',
    });
    expect(value).toEqual(before);
  });

  it('names the fields of a customer reply, whose user is a participant of the chat', () => {
    const names = new SnapshotNames();
    names.forSnapshot({ from: { participantId: customer } });
    const reply = {
      chatId: chat,
      userId: customer,
      secureKey: 'c0ffee',
      alias: '1',
      nextPosition: 1,
      messages: [{ utcTime: 1 }],
    };
    expect(names.forSnapshot(reply)).toEqual({
      chatId: '<chat-1>',
      userId: '<participant-1>',
      secureKey: '<secure-key-1>',
      alias: '<alias-1>',
      nextPosition: 1,
      messages: [{ utcTime: '<time>' }],
    });
  });

  it('keeps numbering through the values of one instance', () => {
    const names = new SnapshotNames();
    expect(names.forSnapshot({ chatId: 'chatA', referenceId: 4 })).toEqual({
      chatId: '<chat-1>',
      referenceId: '<reference-1>',
    });
    expect(names.forSnapshot({ chatId: 'chatB', referenceId: 4 })).toEqual({
      chatId: '<chat-2>',
      referenceId: '<reference-1>',
    });
    expect(names.forSnapshot({ chatId: 'chatA', referenceId: 9 })).toEqual({
      chatId: '<chat-1>',
      referenceId: '<reference-2>',
    });
  });

  it('does not depend on the order of keys', () => {
    const one = forSnapshot({ a: { chatId: 'x' }, b: { chatId: 'y' } });
    const other = forSnapshot({ b: { chatId: 'y' }, a: { chatId: 'x' } });
    expect(one).toEqual(other);
    expect(one).toEqual({ a: { chatId: '<chat-1>' }, b: { chatId: '<chat-2>' } });
  });

  it('leaves alone what is no id', () => {
    const value = {
      index: 13,
      nickname: 'Marat',
      text: 'Hello World',
      participantId: 2,
      empty: null,
      on: true,
    };
    expect(forSnapshot(value)).toEqual(value);
  });
});
