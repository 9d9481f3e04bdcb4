import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemFetch, type Fetch } from '@parley/client/fetch.ts';
import { setStage, type Stage } from '../operations/stage.ts';
import { field, filePart, formBody, formType, type Part } from './raw-form.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await setStage({ files: { agentMaxFiles: 1, agentMaxFileBytes: 1000, maxFiles: 0 } });
});
afterEach(() => stage.box.stop());

const url = (): string => `${stage.box.baseUrl}/api/v2/me/chats/${stage.chatId}/files`;

async function post(
  parts: readonly Part[],
  {
    as = stage.marat.fetch,
    contentType = formType,
  }: { readonly as?: Fetch; readonly contentType?: string } = {},
): Promise<readonly [number, { readonly statusCode: number }]> {
  const body = new Uint8Array(formBody(parts));
  const response = await as(url(), { method: 'POST', headers: { 'content-type': contentType }, body });
  return [response.status, (await response.json()) as { readonly statusCode: number }];
}

it('by an agent is refused in the words of the agent API, and leaves nothing', async () => {
  const file = filePart('a.txt', 'text');
  expect(await post([file], { as: systemFetch })).toMatchObject([403, { statusCode: 20 }]);
  expect(await post([file], { as: stage.kristi.fetch })).toMatchObject([404, { statusCode: 6 }]);
  expect(await post([])).toMatchObject([400, { statusCode: 1 }]);
  expect(await post([field('a', 'b')])).toMatchObject([400, { statusCode: 1 }]);
  expect(await post([file], { contentType: 'application/json' })).toMatchObject([400, { statusCode: 10 }]);
  expect(await post([file], { contentType: 'multipart/form-data' })).toMatchObject([400, { statusCode: 10 }]);
  expect(await post([filePart('a.txt', 'x'.repeat(1001))])).toMatchObject([413, { statusCode: 10 }]);
  expect(await post([filePart('a.html', 'text')])).toMatchObject([400, { statusCode: 10 }]);
  expect(await readdir(join(stage.box.dataFolder, 'files', 'incoming'))).toEqual([]);
  expect(await readdir(join(stage.box.dataFolder, 'files', 'kept'))).toEqual([]);
  // The limits of customers are not theirs; they have their own.
  expect(await post([file])).toMatchObject([200, { statusCode: 0 }]);
  expect(await post([file])).toMatchObject([400, { statusCode: 10 }]);
});

it('of another page with the agent’s cookie is refused before anything is read', async () => {
  const as: Fetch = (input, init) =>
    stage.marat.fetch(input, {
      ...init,
      headers: { ...(init?.headers as Record<string, string>), origin: 'https://evil.example' },
    });
  expect(await post([filePart('a.txt', 'text')], { as })).toMatchObject([403, { statusCode: 3 }]);
});
