import { describe, expect, it } from 'vitest';
import { decideCors, type CorsSettings } from './cors.ts';

const desk = 'https://desk.example.com';
const settings: CorsSettings = {
  allowedOrigins: [desk, 'http://localhost:3000'],
  allowCredentials: true,
  maxAgeMs: 120_000,
  allowedHeaders: ['Content-Type', 'X-CSRF-TOKEN'],
};

const get = (origin: string | undefined) =>
  decideCors({ method: 'GET', origin, requestMethod: undefined }, settings);
const preflight = (origin: string | undefined) =>
  decideCors({ method: 'OPTIONS', origin, requestMethod: 'POST' }, settings);

describe('a page of an allowed origin', () => {
  it('may read the answer, credentials and CSRF headers included', () => {
    expect(get(desk)).toEqual({
      headers: {
        Vary: 'Origin',
        'Access-Control-Allow-Origin': desk,
        'Access-Control-Allow-Credentials': 'true',
        'Access-Control-Expose-Headers': 'X-CSRF-HEADER,X-CSRF-TOKEN,Idempotent-Replayed,Retry-After',
      },
    });
  });

  it('is told what it may send', () => {
    const { preflightStatus, headers } = preflight(desk);
    expect(preflightStatus).toBe(204);
    expect(headers).toMatchObject({
      'Access-Control-Allow-Origin': desk,
      'Access-Control-Allow-Methods': 'GET,POST,PUT,DELETE,OPTIONS',
      'Access-Control-Allow-Headers': 'Content-Type,X-CSRF-TOKEN',
      'Access-Control-Max-Age': '120',
    });
    expect(headers['Vary']).toContain('Origin');
  });

  it('sends no credentials where that is switched off', () => {
    const { headers } = decideCors(
      { method: 'GET', origin: desk, requestMethod: undefined },
      { ...settings, allowCredentials: false },
    );
    expect(headers).not.toHaveProperty('Access-Control-Allow-Credentials');
  });

  it('can send an OPTIONS that is no preflight', () => {
    const decision = decideCors({ method: 'OPTIONS', origin: desk, requestMethod: undefined }, settings);
    expect(decision.preflightStatus).toBeUndefined();
  });
});

describe('any other page', () => {
  const tricky = [
    'null',
    '',
    '*',
    'https://desk.example.com.evil.example',
    'https://evildesk.example.com',
    'https://evil.example/https://desk.example.com',
    'https://desk.example.com@evil.example',
    'https://evil.example#https://desk.example.com',
    'https://Desk.example.com',
    'HTTPS://desk.example.com',
    'http://desk.example.com',
    'https://desk.example.com:443',
    'https://desk.example.com:8443',
    'https://desk.example.com/',
    'https://desk.example.com.',
    ' https://desk.example.com',
    'https://desk.example.com https://evil.example',
    'https://desk.example.com,https://evil.example',
    'https://desk%2eexample.com',
    'https://desk.example.com\u0000',
    'https://dеsk.example.com',
    'http://localhost',
    'http://localhost:30000',
    'file://',
    'constructor',
    '__proto__',
  ];

  it.each(tricky)('such as %j gets no leave', (origin) => {
    expect(get(origin).headers).toEqual({ Vary: 'Origin' });
    const { preflightStatus, headers } = preflight(origin);
    expect(preflightStatus).toBe(403);
    expect(Object.keys(headers)).toEqual(['Vary']);
  });

  it('and no page at all is no matter of ours', () => {
    expect(get(undefined)).toEqual({ headers: { Vary: 'Origin' } });
    expect(preflight(undefined)).toEqual({ headers: { Vary: 'Origin' } });
  });
});
