import { integerBetween, pick, type Random } from '@parley/server/routing/seeded-random.ts';

/** What means something to one of the readers of these bytes. */
const tokens: readonly Buffer[] = [
  ...[
    '\r\n',
    '\r\n\r\n',
    '--',
    '\0',
    '"',
    '\\',
    '\\u',
    '\\ud800',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '&',
    '=',
    ';',
    '%',
  ],
  ...[
    '%00',
    '%E0%A4',
    '+',
    '__proto__',
    '"__proto__":',
    'userData[',
    ']',
    '/meta/',
    '/**',
    '/service/',
    '*',
    '-1',
  ],
  ...[
    '1e309',
    '99999999999999999999',
    'null',
    'true',
    '""',
    '[]',
    '{}',
    'Content-Length: 3\r\n',
    'chunked',
    '\n',
  ],
  ...['Transfer-Encoding: chunked\r\n', 'filename="', "filename*=utf-8''%", '; boundary=', '\ufeff', '../'],
].map((text) => Buffer.from(text));

const strangeBytes = [0x00, 0x01, 0x0a, 0x0d, 0x20, 0x22, 0x7f, 0x80, 0xc0, 0xed, 0xf5, 0xfe, 0xff] as const;

/** Nothing grows beyond this by being repeated. */
const longestBytes = 65_536;

type Change = (random: Random, bytes: Buffer, others: readonly Buffer[]) => Buffer;

function cut(random: Random, { length }: Buffer): readonly [from: number, to: number] {
  const from = integerBetween(random, 0, length);
  return [from, Math.min(length, from + integerBetween(random, 0, random() < 0.8 ? 8 : length))];
}

function replaced(bytes: Buffer, [from, to]: readonly [number, number], by: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)]);
}

function withByte(random: Random, bytes: Buffer, change: (byte: number) => number): Buffer {
  if (bytes.length === 0) return bytes;
  const changed = Buffer.from(bytes);
  const at = integerBetween(random, 0, bytes.length - 1);
  changed[at] = change(changed[at] ?? 0);
  return changed;
}

const changes: readonly Change[] = [
  (random, bytes) => withByte(random, bytes, (byte) => byte ^ (1 << integerBetween(random, 0, 7))),
  (random, bytes) => withByte(random, bytes, () => pick(random, strangeBytes)),
  (random, bytes) => replaced(bytes, cut(random, bytes), Buffer.alloc(0)),
  (random, bytes) => replaced(bytes, cut(random, bytes), pick(random, tokens)),
  (random, bytes) => {
    const at = integerBetween(random, 0, bytes.length);
    return replaced(bytes, [at, at], pick(random, tokens));
  },
  (random, bytes) => {
    const [from, to] = cut(random, bytes);
    const piece = bytes.subarray(from, to);
    const times = random() < 0.1 ? 1000 : 2;
    return piece.length * times > longestBytes
      ? bytes
      : replaced(bytes, [from, to], Buffer.concat(Array.from({ length: times }, () => piece)));
  },
  (random, bytes, others) => {
    const other = pick(random, others);
    return replaced(bytes, cut(random, bytes), other.subarray(...cut(random, other)));
  },
  (random, bytes) => bytes.subarray(0, integerBetween(random, 0, bytes.length)),
];

/** One of the valid inputs, changed in one to five places: what a reader meets from a broken client, or from a clever one. */
export function mutated(random: Random, corpus: readonly Buffer[]): Buffer {
  let bytes = pick(random, corpus);
  for (let left = integerBetween(random, 1, 5); left > 0; left -= 1)
    bytes = pick(random, changes)(random, bytes, corpus).subarray(0, longestBytes);
  return bytes;
}

const jsonToken = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null/g;
const jsonValues = [
  ...[
    'null',
    'true',
    '-1',
    '0',
    '1e309',
    '9007199254740993',
    '""',
    '"*"',
    '"/"',
    '"/**"',
    '"__proto__"',
    '[]',
    '{}',
  ],
  ...[
    '"\\u0000"',
    '"\\ud800"',
    '[[[[]]]]',
    '[null]',
    '{"a":1,"a":2}',
    '{"__proto__":{"polluted":1}}',
    '"x","y"',
  ],
] as const;

/** One of the valid JSON texts with one to three of its strings, numbers and words replaced: most still are JSON. */
export function mutatedJson(random: Random, corpus: readonly Buffer[]): Buffer {
  let text = pick(random, corpus).toString();
  for (let left = integerBetween(random, 1, 3); left > 0; left -= 1) {
    const found = [...text.matchAll(jsonToken)];
    if (found.length === 0) break;
    const { index, 0: token } = pick(random, found);
    const elsewhere = pick(random, corpus).toString().match(jsonToken) ?? jsonValues;
    const by = random() < 0.5 ? pick(random, jsonValues) : pick(random, elsewhere);
    text = text.slice(0, index) + by + text.slice(index + token.length);
  }
  return Buffer.from(text);
}
