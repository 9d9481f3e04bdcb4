import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  channelKind,
  isChannelName,
  isSubscriptionName,
  matchesChannel,
  normalizeChannel,
  subscriptionsMatching,
} from './channel.ts';

describe('a channel name', () => {
  it.each(['/a', '/a/b', '/v2/me/chats', '/a b/!#$()+-.@_{~}'])('accepts %s', (name) => {
    expect(isChannelName(name, 256)).toBe(true);
  });

  it.each([
    ['empty', ''],
    ['only a slash', '/'],
    ['no slash in front', 'a/b'],
    ['an empty segment', '/a//b'],
    ['a slash at the end', '/a/'],
    ['a wildcard', '/a/*'],
    ['a deep wildcard', '/a/**'],
    ['a star within a segment', '/a*b'],
    ['a character out of the set', '/a"b'],
    ['a line break', '/a\nb'],
    ['a letter beyond ASCII', '/ä'],
    ['too long', '/' + 'a'.repeat(256)],
  ])('refuses %s', (_, name) => {
    expect(isChannelName(name, 256)).toBe(false);
  });
});

describe('a subscription name', () => {
  it.each(['/a', '/a/*', '/a/**', '/*', '/**'])('accepts %s', (name) => {
    expect(isSubscriptionName(name, 256)).toBe(true);
  });

  it.each(['', '/', '*', '/a/*/b', '/**/b', '/a/***', '/a/b*', '/a/'])('refuses %s', (name) => {
    expect(isSubscriptionName(name, 256)).toBe(false);
  });
});

it('cuts one trailing slash', () => {
  expect([normalizeChannel('/a/'), normalizeChannel('/a'), normalizeChannel('/')]).toEqual(['/a', '/a', '/']);
});

it.each([
  ['/meta/connect', 'meta'],
  ['/meta', 'meta'],
  ['/metadata', 'broadcast'],
  ['/service/x', 'service'],
  ['/service/*', 'service'],
  ['/services', 'broadcast'],
  ['/a/meta', 'broadcast'],
])('%s is a %s channel', (name, kind) => {
  expect(channelKind(name)).toBe(kind);
});

describe('wildcards', () => {
  it('name the channel, one star for the last segment, two for one or more', () => {
    expect(subscriptionsMatching('/a/b/c')).toEqual(['/a/b/c', '/a/b/*', '/a/b/**', '/a/**', '/**']);
    expect(subscriptionsMatching('/a')).toEqual(['/a', '/*', '/**']);
  });

  it.each([
    ['/foo/*', '/foo'],
    ['/foo/**', '/foo'],
    ['/foo/*', '/foo/a/b'],
    ['/foo/*', '/foobar/a'],
    ['/foo/**', '/foobar'],
  ])('%s does not match %s', (pattern, channel) => {
    expect(matchesChannel(pattern, channel)).toBe(false);
  });

  it('match by the list and by the rule alike', () => {
    const segment = fc.constantFrom('a', 'b', 'ab');
    const channel = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => '/' + parts.join('/'));
    const pattern = fc
      .tuple(fc.array(segment, { maxLength: 3 }), fc.constantFrom('*', '**', 'a'))
      .map(([parts, last]) => '/' + [...parts, last].join('/'));
    fc.assert(
      fc.property(channel, pattern, (name, wild) => {
        expect(matchesChannel(wild, name)).toBe(subscriptionsMatching(name).includes(wild));
      }),
    );
  });
});
