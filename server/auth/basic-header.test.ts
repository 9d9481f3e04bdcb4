import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBasicHeader } from './basic-header.ts';

const encode = (bytes: Uint8Array | string): string => `Basic ${Buffer.from(bytes).toString('base64')}`;

describe('a Basic header', () => {
  it('is a name and a password', () => {
    expect(parseBasicHeader(encode('marat:demo'))).toEqual([{ userName: 'marat', password: 'demo' }]);
  });

  it('ends the name at the first colon', () => {
    expect(parseBasicHeader(encode('marat:de:mo:'))).toEqual([{ userName: 'marat', password: 'de:mo:' }]);
  });

  it('may have an empty password', () => {
    expect(parseBasicHeader(encode('marat:'))).toEqual([{ userName: 'marat', password: '' }]);
  });

  it.each(['basic', 'BASIC', 'Basic  '])('has its scheme in any case and any space: %j', (scheme) => {
    expect(parseBasicHeader(`${scheme} ${Buffer.from('a:b').toString('base64')}`)).toHaveLength(1);
  });

  it('in ISO-8859-1, as the .NET client sends it, is read as such', () => {
    const header = encode(Buffer.from('jürgen:päß', 'latin1'));
    expect(parseBasicHeader(header)).toEqual([{ userName: 'jürgen', password: 'päß' }]);
  });

  it('in UTF-8 could be either, and UTF-8 comes first', () => {
    const [first, second, ...more] = parseBasicHeader(encode('jürgen:päß'));
    expect(first).toEqual({ userName: 'jürgen', password: 'päß' });
    expect(second).toEqual({ userName: 'jÃ¼rgen', password: 'pÃ¤Ã\u009f' });
    expect(more).toEqual([]);
  });

  it.each([
    '',
    'Basic',
    'Basic ',
    'Basic ====',
    'Basic a:b',
    'Basic YTpi extra',
    'Basic YTpi,Basic YTpi',
    'Bearer YTpi',
    'Digest username="a"',
    'Basic YT\npi',
    'Basic ' + 'A'.repeat(100_000),
    encode('no colon'),
    encode(':no name'),
    encode(`${'n'.repeat(129)}:p`),
    encode(`n:${'p'.repeat(257)}`),
  ])('that is malformed claims nothing: %.40j', (header) => {
    expect(parseBasicHeader(header)).toEqual([]);
  });

  it('of any bytes is read or refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        for (const { userName, password } of parseBasicHeader(encode(bytes))) {
          expect(userName).not.toContain(':');
          const either = ['utf8', 'latin1'] as const;
          expect(either.some((one) => Buffer.from(`${userName}:${password}`, one).equals(bytes))).toBe(true);
        }
      }),
      { seed: 1 },
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 3000 }), (text) => void parseBasicHeader(text)),
      { seed: 1 },
    );
  });

  it('made to be slow is not', () => {
    const startedMs = performance.now();
    for (const filler of [' ', 'A', '=', 'A=']) parseBasicHeader(`Basic ${filler.repeat(1000)}!`);
    expect(performance.now() - startedMs).toBeLessThan(50);
  });
});
