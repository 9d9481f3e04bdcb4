import { describe, expect, it } from 'vitest';
import { checkChannel, parseBatch } from './message.ts';

describe('a batch', () => {
  it('is an array, or one object by itself', () => {
    expect(parseBatch('[{"channel":"/a"},{}]', 10)).toEqual({
      kind: 'messages',
      messages: [{ channel: '/a' }, {}],
    });
    expect(parseBatch('{"channel":"/a"}', 10)).toEqual({ kind: 'messages', messages: [{ channel: '/a' }] });
  });

  it('may be empty, or hold what is no message: each is answered for itself', () => {
    expect(parseBatch('[]', 10)).toEqual({ kind: 'messages', messages: [] });
    expect(parseBatch('[null,1]', 10)).toEqual({ kind: 'messages', messages: [null, 1] });
    expect(parseBatch('null', 10)).toEqual({ kind: 'messages', messages: [null] });
  });

  it.each(['', '[', '{"channel":', 'undefined', "{'a':1}", '\uFEFF[]'])('is not %j', (text) => {
    expect(parseBatch(text, 10)).toEqual({ kind: 'notJson' });
  });

  it('is bounded', () => {
    expect(parseBatch('[1,2,3]', 3).kind).toBe('messages');
    expect(parseBatch('[1,2,3,4]', 3)).toEqual({ kind: 'tooMany' });
  });
});

describe('an envelope', () => {
  const valid = { channel: '/foo/', id: 'a1' };

  it('passes, its channel without trailing slash', () => {
    expect(checkChannel(valid, '5.0', 256)).toEqual({ channel: '/foo' });
  });

  it.each([
    ['no channel', { channel: undefined }, 'channelMissing'],
    ['an empty channel', { channel: '' }, 'channelMissing'],
    ['a channel that is a number', { channel: 1 }, 'channelMissing'],
    ['a channel without slash', { channel: 'foo' }, 'channelInvalid'],
    ['a wildcard', { channel: '/foo/*' }, 'channelInvalid'],
    ['an id with a quote', { id: '"' }, 'idInvalid'],
    ['an id that is an object', { id: {} }, 'idInvalid'],
  ])('fails with %s', (_, spoilt, refused) => {
    expect(checkChannel({ ...valid, ...spoilt }, '5.0', 256)).toEqual({ refused });
  });

  it('had no rule for ids in the 3.1 line', () => {
    expect(checkChannel({ ...valid, id: '"' }, '3.1', 256)).toEqual({ channel: '/foo' });
  });
});
