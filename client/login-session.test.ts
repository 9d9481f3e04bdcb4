import { describe, expect, it } from 'vitest';
import type { Fetch } from './fetch.ts';
import { basicAuthorization, LoginSession } from './login-session.ts';

interface Call {
  readonly url: string;
  readonly method: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A session whose requests are answered with these, one after the other, and the requests that it made. */
function answered(...responses: readonly Response[]): { session: LoginSession; calls: Call[] } {
  const calls: Call[] = [];
  const left = [...responses];
  const fetch: Fetch = (url, init) => {
    calls.push({
      url,
      method: init?.method,
      headers: Object.fromEntries(new Headers(init?.headers)),
      body: init?.body,
    });
    const response = left.shift();
    return response ? Promise.resolve(response) : Promise.reject(new TypeError('fetch failed'));
  };
  const retry = { deadlineMs: 0 };
  return { session: new LoginSession({ baseUrl: 'http://parley.test/', fetch, retry }), calls };
}

function reply(
  body: unknown,
  options: { status?: number; headers?: readonly (readonly [string, string])[] } = {},
): Response {
  const headers = new Headers();
  for (const [name, value] of options.headers ?? []) headers.append(name, value);
  return new Response(typeof body === 'string' ? body : JSON.stringify(body), {
    status: options.status ?? 200,
    headers,
  });
}

const done = { statusCode: 0 };

describe('LoginSession', () => {
  it('sends back the cookies it was given, the latest of each name, and drops those that ended', async () => {
    const { session, calls } = answered(
      reply(done, {
        headers: [
          ['set-cookie', 'JSESSIONID=one; Path=/; HttpOnly'],
          ['set-cookie', 'BAYEUX_BROWSER=x=y; Path=/'],
        ],
      }),
      reply(done, { headers: [['set-cookie', 'JSESSIONID=two']] }),
      reply(done, { headers: [['set-cookie', 'JSESSIONID=; Max-Age=0']] }),
      reply(done),
    );
    for (let count = 0; count < 4; count++) await session.request('GET', '/api/v2/me');
    expect(calls.map((call) => call.headers['cookie'])).toEqual([
      undefined,
      'JSESSIONID=one; BAYEUX_BROWSER=x=y',
      'JSESSIONID=two; BAYEUX_BROWSER=x=y',
      'BAYEUX_BROWSER=x=y',
    ]);
    expect(calls[0]?.url).toBe('http://parley.test/api/v2/me');
  });

  it('sends the CSRF token in the header that the server has named', async () => {
    const { session, calls } = answered(
      reply(done, {
        headers: [
          ['x-csrf-header', 'X-CSRF-TOKEN'],
          ['x-csrf-token', 'secret'],
        ],
      }),
      reply(done),
    );
    await session.request('GET', '/api/v2/me');
    await session.request('POST', '/api/v2/me', { body: { operationName: 'Ready' } });
    expect(calls[1]).toMatchObject({
      method: 'POST',
      headers: { 'x-csrf-token': 'secret', 'content-type': 'application/json' },
      body: '{"operationName":"Ready"}',
    });
  });

  it('takes a partial success for a success', async () => {
    const partial = {
      statusCode: 7,
      failed: [{ statusCode: 4, statusMessage: 'no', channel: 'voice' }],
      succeeded: [],
    };
    const { session } = answered(reply(partial));
    expect(await session.request('POST', '/api/v2/me', { body: {} })).toEqual(partial);
  });

  it.each([
    [
      'a refusal',
      reply({ statusCode: 20, statusMessage: 'Access denied' }, { status: 403 }),
      { statusCode: 20, httpStatus: 403 },
    ],
    [
      'a refusal with HTTP 200',
      reply({ statusCode: 2, statusMessage: 'Access denied' }),
      { statusCode: 2, httpStatus: 200 },
    ],
    ['a text', reply('Access denied by the proxy', { status: 502 }), { statusCode: -1, httpStatus: 502 }],
  ])('rejects with ParleyError on %s', async (_, response, expected) => {
    const { session } = answered(response);
    const failure = session.request('GET', '/api/v2/me');
    await expect(failure).rejects.toMatchObject({ name: 'ParleyError', ...expected });
    await expect(failure).rejects.toThrow('GET /api/v2/me: Access denied');
  });

  it('passes on the error of a request that got no reply', async () => {
    await expect(answered().session.request('GET', '/api/v2/me')).rejects.toThrow(TypeError);
  });
});

describe('basicAuthorization', () => {
  it('is in UTF-8', () => {
    expect(basicAuthorization('marat', 'demo')).toBe('Basic bWFyYXQ6ZGVtbw==');
    expect(basicAuthorization('ы', 'ы')).toBe('Basic 0Ys60Ys=');
  });
});
