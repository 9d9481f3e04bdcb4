import { describe, expect, it } from 'vitest';
import { PreparedEvent, prepareEvent } from './event.ts';
import { extJson, idJson, renderPlainSuccess, renderReply } from './reply.ts';

describe('an id is echoed', () => {
  it.each([
    ['1', '"1"'],
    ['"', '"\\""'],
    ['\\', '"\\\\"'],
    ['a"b\u2028', '"a\\"b\u2028"'],
    ['12345678901234567890', '"12345678901234567890"'],
    ['1234567890123456"', '"1234567890123456\\""'],
    [7, '7'],
    [1.5, '1.5'],
  ])('%j as %s', (id, json) => {
    expect(idJson(id)).toBe(json);
  });

  it.each([undefined, null, true, {}, [], Infinity, NaN])('and %s is not', (id) => {
    expect(idJson(id)).toBeUndefined();
  });
});

describe('a reply', () => {
  it('carries the outcome and what it was given, and leaves out the rest', () => {
    expect(renderReply({ channel: '/a', idJson: '"1"' })).toBe('{"id":"1","channel":"/a","successful":true}');
    expect(renderReply({ channel: undefined, idJson: undefined, error: 'x"' })).toBe(
      '{"successful":false,"error":"x\\""}',
    );
    expect(
      JSON.parse(
        renderReply({
          channel: '/a',
          idJson: '1',
          subscriptionJson: '["/b"]',
          adviceJson: '{}',
          extJson: '{}',
          timestamp: 't',
        }),
      ),
    ).toEqual({
      id: 1,
      channel: '/a',
      successful: true,
      subscription: ['/b'],
      advice: {},
      ext: {},
      timestamp: 't',
    });
  });

  it('is the same the short way', () => {
    expect(renderPlainSuccess('"1"', '/a')).toBe(renderReply({ channel: '/a', idJson: '"1"' }));
    expect(renderPlainSuccess(undefined, '/a')).toBe(renderReply({ channel: '/a', idJson: undefined }));
  });

  it('has an ext only when there is something in it', () => {
    expect(extJson([undefined, undefined])).toBeUndefined();
    expect(extJson(['"a":1', undefined, '"b":2'])).toBe('{"a":1,"b":2}');
  });
});

describe('an event', () => {
  it('carries channel and data, and nothing else', () => {
    expect(prepareEvent('/a', { x: 'ü' }).json).toBe('{"channel":"/a","data":{"x":"ü"}}');
  });

  it.each([undefined, () => 0])('carries null when there is no data in %s', (nothing) => {
    expect(prepareEvent('/a', nothing).json).toBe('{"channel":"/a","data":null}');
  });

  it('counts its bytes, not its characters', () => {
    expect(prepareEvent('/a', '€').byteLength).toBe(Buffer.byteLength('{"channel":"/a","data":"€"}'));
  });

  it('shows its position only where it was negotiated', () => {
    const event = prepareEvent('/a', 1, { position: 5 });
    expect([event.json, event.positionedJson]).toEqual([
      '{"channel":"/a","data":1}',
      '{"channel":"/a","data":1,"ext":{"replay":{"position":5}}}',
    ]);
  });

  it('makes its frame once', () => {
    const event = prepareEvent('/a', 1);
    let made = 0;
    const render = (text: string) => {
      made++;
      return Buffer.from(text);
    };
    expect(event.frame(render)).toBe(event.frame(render));
    expect(made).toBe(1);
  });

  it('has a lazy twin', () => {
    const event = prepareEvent('/a', 1);
    expect(event.asLazy).toBe(event.asLazy);
    expect(event.asLazy).toEqual(new PreparedEvent('/a', event.json, { position: undefined, lazy: true }));
    expect(event.asLazy.asLazy).toBe(event.asLazy);
  });
});
