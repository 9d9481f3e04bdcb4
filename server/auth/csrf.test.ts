import { describe, expect, it } from 'vitest';
import { csrfHeaders, hasCsrfToken, mayUseCookie } from './csrf.ts';

const session = { csrfToken: '3f2504e0-4f89-41d3-9a0c-0305e82c3301' };

describe('the CSRF token', () => {
  it('is told together with the name of its header', () => {
    expect(csrfHeaders(session)).toEqual({
      'X-CSRF-HEADER': 'X-CSRF-TOKEN',
      'X-CSRF-TOKEN': session.csrfToken,
    });
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'post'])('is needed for %s', (method) => {
    expect(hasCsrfToken({ method, token: session.csrfToken, session })).toBe(true);
    for (const token of [
      undefined,
      '',
      'x',
      session.csrfToken.toUpperCase(),
      `${session.csrfToken} `,
      '0'.repeat(99_999),
    ]) {
      expect(hasCsrfToken({ method, token, session })).toBe(false);
    }
  });

  it.each(['GET', 'HEAD', 'OPTIONS'])('is not needed for %s', (method) => {
    expect(hasCsrfToken({ method, token: undefined, session })).toBe(true);
  });
});

describe('a cookie alone', () => {
  const trusted = { externalUrl: 'https://chat.example.com', allowedOrigins: ['https://desk.example.org'] };

  it.each([
    [undefined, 'chat.example.com'],
    ['https://chat.example.com', 'internal:8080'],
    ['https://desk.example.org', 'internal:8080'],
    ['http://127.0.0.1:8080', '127.0.0.1:8080'],
    ['https://proxy.example.com', 'proxy.example.com'],
    ['https://proxy.example.com', 'Proxy.Example.com:443'],
    ['http://[::1]:8080', '[::1]:8080'],
  ])('may speak for a page of %s at %s', (origin, host) => {
    expect(mayUseCookie({ origin, host }, trusted)).toBe(true);
  });

  it.each([
    ['null', 'chat.example.com'],
    ['', 'chat.example.com'],
    ['https://evil.example', 'chat.example.com'],
    ['https://chat.example.com.evil.example', 'chat.example.com'],
    ['https://chat.example.com@evil.example', 'chat.example.com'],
    ['https://user@chat.example.com', 'chat.example.com'],
    ['https://chat.example.com/', 'chat.example.com'],
    ['http://127.0.0.1:8081', '127.0.0.1:8080'],
    ['http://localhost:8080', '127.0.0.1:8080'],
    ['http://chat.example.com', 'internal:8080'],
    ['ftp://chat.example.com', 'chat.example.com'],
    ['javascript:alert(1)', 'chat.example.com'],
    ['https://evil.example', undefined],
    ['https://evil.example', ''],
    ['https://evil.example', 'a b'],
    ['https://evil.example', 'chat.example.com, evil.example'],
  ])('may not speak for a page of %s at %s', (origin, host) => {
    expect(mayUseCookie({ origin, host }, trusted)).toBe(false);
  });
});
