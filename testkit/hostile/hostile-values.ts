import { pick, type Random } from '@parley/server/routing/seeded-random.ts';

function nested(depth: number, open: string, close: string): string {
  return open.repeat(depth) + close.repeat(depth);
}

/** Texts that have broken servers: too long, too clever, meant for another interpreter. */
const texts: readonly (() => string)[] = [
  ...[
    '',
    ' ',
    '\u0000',
    'a\u0000b',
    '\r\nX-Injected: 1\r\n\r\n',
    '%0d%0aX-Injected:%201',
    '\ud800',
    '\ufeff',
    '\u202e',
  ],
  ...[
    '../../../../etc/passwd',
    '..%2f..%2fetc%2fpasswd',
    String.raw`..\..\windows\win.ini`,
    '/etc/passwd',
    'file:///etc/passwd',
  ],
  ...[
    '<svg onload=alert(1)>',
    '"><script>alert(1)</script>',
    'javascript:alert(1)',
    'data:text/html,<script>1</script>',
  ],
  ...[
    "' OR 1=1--",
    '"; DROP TABLE chats;--',
    '${jndi:ldap://x}',
    '{{7*7}}',
    '$(id)',
    '`id`',
    '=cmd|calc!A1',
    '%s%s%n',
  ],
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'valueOf',
    'then',
    '__defineGetter__',
  ],
  ...[
    '-1',
    '0',
    '1e309',
    'NaN',
    'Infinity',
    '-0',
    '0x10',
    '9007199254740993',
    '1'.repeat(400),
    '٣',
    '1.5',
    'null',
    'true',
  ],
  ...[
    'undefined',
    '[object Object]',
    '[]',
    '{}',
    '*',
    '**',
    '**,'.repeat(200),
    'a,'.repeat(2000),
    '\t',
    'İ',
    'ﬃ',
    '👩‍👩‍👧‍👦'.repeat(50),
  ],
].map((text) => () => text);

/** What makes a regular expression with nested repeats go round for ever. */
const catastrophic: readonly (() => string)[] = [
  () => `${'a'.repeat(30_000)}!`,
  () => '@'.repeat(20_000),
  () => `${'a@'.repeat(10_000)}`,
  () => `${'.'.repeat(20_000)}@`,
  () => `http://${'a/'.repeat(10_000)} `,
  () => `${'4111 '.repeat(6000)}x`,
  () => `${'1-'.repeat(10_000)}a`,
  () => `${' '.repeat(50_000)}x`,
  () => `${'\t\n'.repeat(20_000)}`,
  () => `${'{{a}}'.repeat(5000)}{{`,
  () => `Basic ${'A'.repeat(20_000)}=!`,
  () => `"${String.raw`\"`.repeat(10_000)}`,
  () => '%'.repeat(10_000),
  () => '%F0%9F'.repeat(3000),
];

export function hostileText(random: Random): string {
  return pick(random, random() < 0.1 ? catastrophic : texts)();
}

/** Values of JSON that are none of what is expected; as text, for some cannot be made of values. */
const json: readonly (() => string)[] = [
  ...[
    'null',
    'true',
    'false',
    '-1',
    '0',
    '-0',
    '1e308',
    '1e309',
    '-1e400',
    '9007199254740993',
    '0.1',
    '1E400',
  ],
  ...['[]', '{}', '""', '[[]]', '[null]', '{"":""}', '{"a":{"b":{}}}', '"\\u0000"', '"\\ud800"'],
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"toString":null,"valueOf":1,"hasOwnProperty":2,"then":3,"toJSON":4,"length":-1}',
  '{"a":1,"a":2}',
].map((text) => () => text);

const large: readonly (() => string)[] = [
  () => nested(10_000, '[', ']'),
  () => nested(10_000, '{"a":', '}').replace('{"a":}', '{"a":1}'),
  () => `[${'0,'.repeat(50_000)}0]`,
  () => `{${Array.from({ length: 100_000 }, (_, key) => `"k${key}":"v"`).join(',')}}`,
  () => `"${'x'.repeat(1_000_000)}"`,
];

/** A value of JSON as text. */
export function hostileJson(random: Random): string {
  const chance = random();
  if (chance < 0.008) return pick(random, large)();
  return chance < 0.5 ? JSON.stringify(hostileText(random)) : pick(random, json)();
}

/** Bytes that are no text, no JSON, no form. */
const garbage: readonly (() => Buffer)[] = [
  () => Buffer.from([0xff, 0xfe, 0x00, 0x80, 0xc0, 0xaf]),
  () => Buffer.from('{"operationName":'),
  () => Buffer.from('[[[[[[[[[['),
  () => Buffer.from('&=&=&=&'),
  () => Buffer.from('a=%'),
  () => Buffer.from('a=%ZZ&userData[=1&userData[a=2&userData[]=3&userData[a][b]=4'),
  () => Buffer.from('﻿{"operationName":"Ready"}'),
  () => Buffer.from(nested(10_000, '[', ']')),
  () => Buffer.from(nested(10_000, '{"operationName":', '}')),
  () =>
    Buffer.from(`nickname=A&${Array.from({ length: 100_000 }, (_, key) => `userData[k${key}]=v`).join('&')}`),
  () => Buffer.from(`{"nickname":"A","userData":${large[3]?.() ?? ''}}`),
  () => Buffer.from('&'.repeat(200_000)),
  () => Buffer.alloc(5 * 1024 * 1024, 'a'),
  () => Buffer.alloc(0),
];

export function garbageBody(random: Random): Buffer {
  return pick(random, garbage)();
}
