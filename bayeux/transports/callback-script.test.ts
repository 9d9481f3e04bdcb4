import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { http, SpecServer } from './spec-server.ts';
import { readCallbackRequest } from './callback-polling.ts';

const message = encodeURIComponent('[{"channel":"/meta/handshake","id":"\u2028"}]');

describe('a callback-polling request', () => {
  it('names its callback and holds one or more messages', () => {
    expect(readCallbackRequest('/cometd?jsonp=jQuery1.x_-&message=[1]&message=[2]')).toEqual({
      callback: 'jQuery1.x_-',
      texts: ['[1]', '[2]'],
    });
  });

  it.each([
    ['no query', '/cometd'],
    ['no callback', `/cometd?message=${message}`],
    ['no message', '/cometd?jsonp=cb'],
    ['an empty callback', `/cometd?jsonp=&message=${message}`],
    ['code for a callback', `/cometd?jsonp=alert(1)//&message=${message}`],
    ['a callback of 65 characters', `/cometd?jsonp=${'x'.repeat(65)}&message=${message}`],
  ])('is none with %s', (_, url) => {
    expect(readCallbackRequest(url)).toBeUndefined();
  });
});

describe('a callback-polling response', () => {
  let server: SpecServer;
  beforeEach(async () => void (server = await SpecServer.start()));
  afterEach(() => server.stop());

  it('is a call, of a kind that nothing else can take it for', async () => {
    const response = await http(server, { method: 'GET', path: `/cometd?jsonp=cb&message=${message}` });
    expect(response.body).toMatch(/^\/\*\*\/cb\(\[\{"id":"\\u2028",.*\}\]\);$/);
    expect(response.headers).toMatchObject({
      'content-type': 'text/javascript;charset=UTF-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-disposition': 'attachment; filename=f.txt',
    });
  });
});

it('is not served unless the mount says so', async () => {
  const server = await SpecServer.start({}, { connectionTypes: ['websocket', 'long-polling'] });
  expect((await http(server, { method: 'GET', path: `/cometd?jsonp=cb&message=${message}` })).status).toBe(
    405,
  );
  await server.stop();
});
