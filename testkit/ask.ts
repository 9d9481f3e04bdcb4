import type { TestAgent } from './test-agent.ts';

/** A reply of the agent API, whatever it holds. */
export interface Answer {
  readonly httpStatus: number;
  readonly statusCode: number;
  readonly [field: string]: unknown;
}

/** Sends any request as the agent and returns the reply, refused or not. `path` begins with `/`. */
export async function ask(
  agent: TestAgent,
  baseUrl: string,
  [method, path, body]: readonly [method: string, path: string, body?: object],
): Promise<Answer> {
  const response = await agent.fetch(`${baseUrl}${path}`, {
    method,
    headers: { 'content-type': 'application/json; charset=UTF-8' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const read = (await response.json()) as { readonly statusCode: number };
  return { httpStatus: response.status, ...read };
}
