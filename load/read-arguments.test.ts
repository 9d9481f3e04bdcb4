import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readArguments } from './read-arguments.ts';

const read = (text: string) => readArguments(text === '' ? [] : text.split(' '), 7);

test('without flags a server is started for ten agents', () => {
  const { load, startsServer, json } = read('');
  expect(startsServer).toBe(true);
  expect(json).toBe(false);
  expect(load).toMatchObject({ service: 'load', seconds: 60, mode: 'closed', seed: 7 });
  expect(load.accounts).toHaveLength(10);
});

test('a server that is there has the demo agents, unless told otherwise', () => {
  expect(read('--url http://127.0.0.1:8080/').load).toMatchObject({
    url: 'http://127.0.0.1:8080',
    service: 'customer-support',
    accounts: [
      { userName: 'marat', password: 'demo' },
      { userName: 'kristi', password: 'demo' },
    ],
  });
});

test('logins by a pattern, or from a file with colons in a password', () => {
  const pattern = read('--url http://a.example --agent-names agent-{n} --password x --agents 3');
  expect(pattern.load.accounts.map(({ userName }) => userName)).toEqual(['agent-1', 'agent-2', 'agent-3']);
  const path = join(tmpdir(), `parley-logins-${process.pid}`);
  writeFileSync(path, 'ann:one\r\n\nbob:t:wo\n');
  expect(read(`--url http://a.example --agents-file ${path}`).load.accounts).toEqual([
    { userName: 'ann', password: 'one' },
    { userName: 'bob', password: 't:wo' },
  ]);
});

test.each([
  ['--customers 0', /--customers must be a number of at least 1/],
  ['--customers many', /--customers must be a number/],
  ['--customers 1.5', /whole/],
  ['--minutes -1', /--minutes/],
  ['--mode half', /--mode is closed or open, not "half"/],
  ['--rate 5', /goes with --mode open/],
  ['--flapping 101', /0 to 100/],
  ['--url ftp://a.example', /--url must be like/],
  ['--url nonsense', /--url must be like/],
  ['--url http://a.example --agents 20', /needs as many logins/],
  ['--url http://a.example --agents-file /nowhere', /cannot be read/],
  ['--unknown', /Unknown option/],
])('refuses %s in a sentence', (text, sentence) => {
  expect(() => read(text)).toThrow(sentence);
});
