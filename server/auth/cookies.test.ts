import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clearSessionCookie, cookiePolicy, sessionCookies, setSessionCookie } from './cookies.ts';

const value = 'A'.repeat(43);
const other = 'b'.repeat(43);

describe('the Cookie header', () => {
  it.each([
    [undefined, []],
    ['', []],
    [`JSESSIONID=${value}`, [value]],
    [`BAYEUX_BROWSER=x; JSESSIONID=${value}; theme=dark`, [value]],
    [`JSESSIONID=${value};JSESSIONID=${other}`, [value, other]],
    [`jsessionid=${value}`, []],
    [`XJSESSIONID=${value}`, []],
    [`JSESSIONID="${value}"`, []],
    [`JSESSIONID=${value}A`, []],
    [`JSESSIONID=${value.slice(1)}`, []],
    [`JSESSIONID=${value.slice(1)}\u0000`, []],
    ['JSESSIONID', []],
    ['JSESSIONID=', []],
    ['=; ;;==;', []],
    [`a=JSESSIONID=${value}`, []],
  ])('%.60j holds %j', (header, values) => {
    expect(sessionCookies(header)).toEqual(values);
  });

  it('full of cookies is cut short', () => {
    expect(sessionCookies(`JSESSIONID=${value};`.repeat(1000))).toHaveLength(4);
  });

  it('of any content is read without a throw', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 500 }), (header) => sessionCookies(header).length <= 4),
      { seed: 1 },
    );
  });
});

describe('the Set-Cookie header', () => {
  const settings = (externalUrl: string | null, allowedOrigins: string[]) => ({
    externalUrl,
    crossOrigin: { allowedOrigins, allowCredentials: true },
  });

  it('keeps the cookie from scripts and other sites', () => {
    const policy = cookiePolicy(settings(null, []));
    expect(setSessionCookie(value, policy)).toBe(`JSESSIONID=${value}; Path=/; HttpOnly; SameSite=Lax`);
    expect(clearSessionCookie(policy)).toBe('JSESSIONID=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax');
  });

  it('keeps it off plain http when the server is reached by https', () => {
    const policy = cookiePolicy(settings('https://chat.example.com', []));
    expect(setSessionCookie(value, policy)).toBe(
      `JSESSIONID=${value}; Path=/; HttpOnly; SameSite=Lax; Secure`,
    );
  });

  it('gives it to pages of other origins only where they are allowed and https is used', () => {
    expect(cookiePolicy(settings('http://chat.example.com', ['https://a.example'])).crossSite).toBe(false);
    const policy = cookiePolicy(settings('https://chat.example.com', ['https://a.example']));
    expect(setSessionCookie(value, policy)).toContain('SameSite=None; Partitioned; Secure');
  });
});
