import { describe, expect, it } from 'vitest';
import { readConfig } from './config/load.ts';
import { checkListen, isLoopback } from './listen-policy.ts';

const machine = { timeZone: 'UTC' };

describe('loopback', () => {
  it.each([
    '127.0.0.1',
    '127.8.9.10',
    '127.255.255.255',
    '::1',
    '[::1]',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
    'localhost',
    'LOCALHOST',
  ])('is %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '::',
    '128.0.0.1',
    '10.0.0.1',
    '1.127.0.0',
    '127.0.0.1.example.com',
    '127.example.com',
    'localhost.example.com',
    'chat.example.com',
    '::2',
    '::ffff:10.0.0.1',
    'fe80::1',
    '127.1',
    '',
    ' 127.0.0.1',
  ])('is not %j', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});

describe('demo passwords', () => {
  it('stay on loopback', () => {
    expect(() => checkListen(readConfig({ listen: { host: '127.0.0.2' } }, { machine }))).not.toThrow();
    expect(() => checkListen(readConfig({ listen: { host: '0.0.0.0' } }, { machine }))).toThrow(
      'With the password "demo" the server listens on loopback only, not on 0.0.0.0',
    );
    expect(() => checkListen(readConfig({}, { machine, overrides: { host: '::' } }))).toThrow('not on ::;');
  });

  it('of one agent among many are enough', () => {
    const agents = [
      { userName: 'ann', password: 'correct horse' },
      { userName: 'bob', password: 'demo' },
    ];
    expect(() => checkListen(readConfig({ agents, listen: { host: '0.0.0.0' } }, { machine }))).toThrow(
      'demo',
    );
  });

  it('of nobody bind nobody', () => {
    const agents = [{ userName: 'demo', password: 'Demo' }];
    expect(() => checkListen(readConfig({ agents, listen: { host: '0.0.0.0' } }, { machine }))).not.toThrow();
  });
});
