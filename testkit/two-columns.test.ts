import { describe, expect, it } from 'vitest';
import { formatJson, TwoColumns, wrap } from './two-columns.ts';

describe('formatJson', () => {
  it('keeps on one line what fits', () => {
    expect(formatJson({ statusCode: 0, list: [1, 'a'], none: {} }, 60)).toEqual([
      '{ "statusCode": 0, "list": [1, "a"], "none": {} }',
    ]);
  });

  it('opens what does not, and stays JSON', () => {
    const value = {
      messages: [{ index: 1, from: { nickname: 'PersonP' } }, { index: 2 }],
      chatUri: 'http://x/y',
    };
    const lines = formatJson(value, 40);
    expect(lines).toEqual([
      '{',
      '  "messages": [',
      '    {',
      '      "index": 1,',
      '      "from": { "nickname": "PersonP" }',
      '    },',
      '    { "index": 2 }',
      '  ],',
      '  "chatUri": "http://x/y"',
      '}',
    ]);
    expect(JSON.parse(lines.join('\n'))).toEqual(value);
  });

  it('opens no more levels than it is told', () => {
    const value = { chat: { participants: [{ nickname: 'PersonP' }, { nickname: 'Marat' }] } };
    expect(formatJson(value, 20, 1)).toEqual([
      '{',
      '  "chat": { "participants": [{ "nickname": "PersonP" }, { "nickname": "Marat" }] }',
      '}',
    ]);
  });
});

describe('wrap', () => {
  it('cuts at a space, or anywhere when there is none, and loses nothing', () => {
    expect(wrap('  one two three four', 12)).toEqual(['  one two', '    three', '    four']);
    expect(wrap('POST /api/v2/me/chats', 12)).toEqual(['POST /api/', '  v2/me/', '  chats']);
    expect(wrap('0123456789abcdef', 10)).toEqual(['0123456789', '  abcdef']);
  });
});

describe('TwoColumns', () => {
  it('puts each side in its place within the width', () => {
    const page = new TwoColumns(21);
    expect(page.both('left', 'right')).toBe('left      │ right\n');
    expect(page.right(['x'.repeat(12)])).toBe(`          │ ${'x'.repeat(9)}\n          │   xxx\n`);
    expect(page.rule()).toBe(`${'─'.repeat(10)}┼${'─'.repeat(10)}\n`);
    expect(page.rule('Marat accepts')).toBe('── Marat accepts ────\n');
  });
});
