import { describe, expect, it } from 'vitest';
import type { Fetch } from '@parley/client/fetch.ts';
import { ManualClock } from './manual-clock.ts';
import { Recorder } from './recorder.ts';

const answering =
  (status: number, body: string): Fetch =>
  () =>
    Promise.resolve(new Response(body, { status }));

const clock = new ManualClock();
const scheduler = { after: (delayMs: number, run: () => void) => clock.setTimer(clock.now() + delayMs, run) };
const chatting = { messageType: 'ChatStateChangeMessage', chat: { state: 'Chatting' } };

describe('Recorder', () => {
  it('records requests, replies and notifications in order', async () => {
    const recorder = new Recorder('marat', { fetch: answering(200, '{"statusCode":0}') });
    await recorder.fetch('http://127.0.0.1/api/v2/me?fields=*', {
      method: 'POST',
      body: '{"operationName":"Ready"}',
    });
    recorder.notified({ channel: '/v2/me/chats', data: chatting });
    const call = { method: 'POST', path: '/api/v2/me?fields=*' };
    expect(recorder.all).toEqual([
      { kind: 'request', ...call, body: { operationName: 'Ready' } },
      { kind: 'reply', ...call, httpStatus: 200, body: { statusCode: 0 } },
      { kind: 'notification', channel: '/v2/me/chats', data: chatting },
    ]);
    expect(await recorder.received(2)).toEqual(recorder.all.slice(1));
  });

  it('reads forms and leaves the body to the client', async () => {
    const recorder = new Recorder('PersonP', { fetch: answering(500, 'sorry') });
    const response = await recorder.fetch('http://127.0.0.1/genesys/2/chat/x', {
      method: 'POST',
      body: 'nickname=P&userData%5Bk%5D=v',
    });
    expect(await response.text()).toBe('sorry');
    expect(recorder.all).toMatchObject([
      { body: { nickname: 'P', 'userData[k]': 'v' } },
      { httpStatus: 500, body: 'sorry' },
    ]);
  });

  it.each(['/api/v2/notifications', '/api/v2/notifications/connect', '/genesys/cometd/'])(
    'leaves out %s',
    async (path) => {
      const recorder = new Recorder('marat', { fetch: answering(200, '[]') });
      await recorder.fetch(`http://127.0.0.1${path}`);
      expect(recorder.all).toEqual([]);
    },
  );

  it('waits for what is still to come, and finds what was there before', async () => {
    const recorder = new Recorder('marat', { scheduler });
    const waiting = recorder.notification({ state: 'Chatting' });
    recorder.notified({ channel: '/v2/me/chats', data: { chat: { state: 'Invited' } } });
    recorder.notified({ channel: '/v2/me/chats', data: chatting });
    expect(await waiting).toBe(chatting);
    expect(await recorder.notification({ messageType: 'ChatStateChangeMessage' })).toBe(chatting);
    expect(clock.pending()).toEqual([]);
  });

  it('fails in time with the list of what was received', async () => {
    const recorder = new Recorder('marat', { scheduler });
    recorder.notified({ channel: '/v2/me/chats', data: chatting });
    const after = recorder.position;
    const waiting = recorder.notification({ state: 'Chatting' }, { withinMs: 700, after });
    clock.advance(699);
    expect(clock.pending()).toHaveLength(1);
    clock.advance(1);
    await expect(waiting).rejects.toThrow(
      /^marat did not receive a notification like \{ state: 'Chatting' \} within 700 ms; it received:\n {2}1\. \/v2\/me\/chats \{ messageType: 'ChatStateChangeMessage', chat: \{ state: 'Chatting' \} \}$/,
    );
  });

  it('says so when nothing at all was received', async () => {
    const recorder = new Recorder('marat', { scheduler });
    const waiting = recorder.received(1, { withinMs: 10 });
    clock.advance(10);
    await expect(waiting).rejects.toThrow(
      'marat did not receive 1 replies and notifications within 10 ms; it received nothing',
    );
  });
});
