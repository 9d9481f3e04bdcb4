import { expect } from 'vitest';

/** What a client proves itself with: nothing, its password on this request, or the cookie it was given. */
export type Credentials = 'none' | 'password' | 'cookie';

/** One request of a recorded conversation and what of the answer the client goes on with. */
export interface Step {
  /** The number in the order of the reference, and what it is for. */
  readonly name: string;
  readonly send: readonly [method: string, path: string, body?: object];
  readonly with: Credentials;
  readonly httpStatus?: number;
  /** What the body must hold; more may come. */
  readonly holds: object;
  /** Names a value of the answer by its path, for `{name}` in later steps. */
  readonly keeps?: Readonly<Record<string, string>>;
}

function at(value: unknown, path: string): unknown {
  let found = value;
  for (const key of path.split('.')) found = (found as Record<string, unknown> | undefined)?.[key];
  return found;
}

/** Every answer is JSON with a whole `statusCode`; what else the client goes on with is the step's. */
function expectAnswer(
  name: string,
  heard: { readonly type: string; readonly httpStatus: number; readonly answer: unknown },
  wanted: { readonly httpStatus: number; readonly answer: object },
): void {
  expect(heard.type, name).toMatch(/^application\/json\b/);
  expect(Number.isInteger(at(heard.answer, 'statusCode')), `${name}: statusCode`).toBe(true);
  expect({ httpStatus: heard.httpStatus, answer: heard.answer }, name).toMatchObject(wanted);
}

/** A client of plain HTTP: Basic once, then the cookie, `application/json; charset=UTF-8` on every request, GETs too. */
export class PlainClient {
  readonly kept = new Map<string, string>();
  cookie = '';
  readonly #baseUrl: string;
  readonly #authorization: string;

  constructor(baseUrl: string, userName: string) {
    this.#baseUrl = baseUrl;
    this.#authorization = `Basic ${btoa(`${userName}:demo`)}`;
  }

  /** Plays the steps one after the other, each checked before the next is sent. */
  async play(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await this.say(step);
  }

  /** One step; the body of the answer. Every answer must be JSON with a whole `statusCode`. */
  async say({ name, send, with: credentials, httpStatus = 200, holds, keeps = {} }: Step): Promise<unknown> {
    const [method, path, body] = send;
    const response = await fetch(`${this.#baseUrl}${this.#filled(path)}`, {
      method,
      headers: {
        'content-type': 'application/json; charset=UTF-8',
        ...(credentials === 'password' ? { authorization: this.#authorization } : {}),
        ...(credentials === 'cookie' ? { cookie: this.cookie } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const setCookie = response.headers.getSetCookie().find((one) => one.startsWith('JSESSIONID='));
    if (setCookie) this.cookie = setCookie.split(';')[0] ?? '';
    const type = response.headers.get('content-type') ?? 'none';
    const answer: unknown = await response.json();
    expectAnswer(name, { type, httpStatus: response.status, answer }, { httpStatus, answer: holds });
    for (const [key, where] of Object.entries(keeps)) this.kept.set(key, String(at(answer, where)));
    return answer;
  }

  #filled(path: string): string {
    return path.replaceAll(/\{(\w+)\}/g, (_all, key: string) => this.kept.get(key) ?? `no-${key}`);
  }
}
