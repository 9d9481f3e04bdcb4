import { describe, expect, test } from 'vitest';
import { ClientAddresses, isAddressRange } from './client-addresses.ts';

const addresses = new ClientAddresses({
  trustedProxies: ['10.0.0.0/8', 'fd00::/8', '192.0.2.7'],
  exemptAddresses: ['127.0.0.0/8', '::1', '198.51.100.0/24'],
  maxWatched: 100,
});

function from(remoteAddress: string | undefined, forwardedFor?: string): string {
  const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
  return addresses.of({ socket: { remoteAddress }, headers }).address;
}

describe('X-Forwarded-For', () => {
  test('is ignored from anybody but a configured proxy', () => {
    expect(from('203.0.113.5', '1.2.3.4')).toBe('203.0.113.5');
    expect(from('11.0.0.1', '1.2.3.4')).toBe('11.0.0.1');
    expect(from('::1', '1.2.3.4')).toBe('::1');
  });

  test('counts from the right, as far as there are proxies: what the client made up is left of its own address', () => {
    expect(from('10.1.2.3', '203.0.113.5')).toBe('203.0.113.5');
    expect(from('10.1.2.3', '1.1.1.1, 127.0.0.1, 203.0.113.5')).toBe('203.0.113.5');
    expect(from('10.1.2.3', '1.1.1.1, 203.0.113.5, 10.9.9.9, 192.0.2.7')).toBe('203.0.113.5');
    expect(from('fd00::1', '203.0.113.5:4711')).toBe('203.0.113.5');
    expect(from('10.1.2.3', '[2001:db8::1]:443')).toBe('2001:db8::1');
    expect(from('::ffff:10.1.2.3', '::ffff:203.0.113.5')).toBe('203.0.113.5');
  });

  test('with something that is no address ends at the last who is known', () => {
    expect(from('10.1.2.3', 'unknown')).toBe('10.1.2.3');
    expect(from('10.1.2.3', '')).toBe('10.1.2.3');
    expect(from('10.1.2.3', '203.0.113.5, <script>, 10.0.0.9')).toBe('10.0.0.9');
  });

  test('of proxies alone is the farthest of them', () => {
    expect(from('10.1.2.3', '10.0.0.8, 10.0.0.9')).toBe('10.0.0.8');
    expect(from('10.1.2.3', Array.from({ length: 5000 }, () => '10.0.0.1').join(','))).toBe('10.0.0.1');
  });
});

test('exempt addresses are known in all their clothes', () => {
  const isExempt = (remoteAddress: string): boolean =>
    addresses.of({ socket: { remoteAddress }, headers: {} }).isExempt;
  expect(['127.0.0.1', '::1', '::ffff:127.9.9.9', '198.51.100.200'].map(isExempt)).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(['128.0.0.1', '::2', '198.51.101.1', 'nonsense'].map(isExempt)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

test('a connection that is gone has no address, and is no exception', () => {
  const client = addresses.of({ socket: {}, headers: {} });
  expect(client).toEqual({ address: 'unknown', group: 'unknown', isExempt: false });
});

test.each([
  ['10.0.0.0/8', true],
  ['::1', true],
  ['2001:db8::/32', true],
  ['10.0.0.0/33', false],
  ['10.0.0/8', false],
  ['10.0.0.0/8/8', false],
  ['localhost', false],
  ['10.0.0.0/', false],
  ['', false],
])('%s is a range: %s', (text, expected) => {
  expect(isAddressRange(text)).toBe(expected);
});
