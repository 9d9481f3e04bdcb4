import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import { openSide, type Fields, type Side } from '../customers/sides.ts';
import { field, filePart, postForm } from './raw-form.ts';

let box: ServerInABox<ManualClock>;
let side: Side;
beforeEach(async () => {
  box = await startServer();
  side = await openSide('CometD long-polling', box.baseUrl);
  await side.open({ nickname: 'PersonP' });
});
afterEach(async () => {
  await side.close();
  await box.stop();
});

const url = (): string => `${box.baseUrl}/genesys/2/chat-ntf`;

function ask(fields: Fields): Promise<Response> {
  const form = new URLSearchParams({ secureKey: side.key.secureKey, ...fields });
  return fetch(url(), { method: 'POST', body: form });
}

it.each(['fileGetLimits', 'fileGetsLimits'])('%s: the limits', async (operation) => {
  const reply = await (await ask({ operation })).json();
  expect(reply).toMatchObject({
    statusCode: 0,
    chatId: side.key.chatId,
    secureKey: side.key.secureKey,
    messages: [{ type: 'Notice', text: 'file-client-cfg-get', userData: { 'upload-max-files': '3' } }],
  });
  const multipart = [field('secureKey', side.key.secureKey), field('operation', operation)];
  expect((await postForm(url(), multipart)).reply).toMatchObject({
    messages: [{ text: 'file-client-cfg-get' }],
  });
});

it.each([[[]], [[field('operation', 'fileUpload')]]])(
  'an upload, with its operation and without: %j',
  async (operation) => {
    const key = field('secureKey', side.key.secureKey);
    for (const parts of [
      [key, ...operation, filePart('a.txt', 'text')],
      [filePart('b.txt', 'text'), ...operation, key],
    ]) {
      const { reply } = await postForm(url(), parts);
      expect(reply).toMatchObject({ statusCode: 0, userData: { 'file-id': expect.any(String) } });
    }
    const events = await side.until('FileUploaded', 3);
    expect(events.slice(1).map(({ userData }) => userData['file-name'])).toEqual(['a.txt', 'b.txt']);
  },
);

it('a download and a deletion, by the id of the push', async () => {
  await postForm(url(), [field('secureKey', side.key.secureKey), filePart('a.txt', 'text')]);
  const fileId = (await side.until('FileUploaded')).at(-1)?.text;
  const downloaded = await ask({ operation: 'fileDownload', fileId });
  expect(downloaded.headers.get('content-disposition')).toContain('filename="a.txt"');
  expect(await downloaded.text()).toBe('text');
  expect(await (await ask({ operation: 'fileDelete', fileId })).json()).toMatchObject({ statusCode: 0 });
  expect((await side.until('FileDeleted')).at(-1)).toMatchObject({ text: fileId });
});

it('refuses what it does not know, in the words of the API', async () => {
  for (const [fields, code] of [
    [{ operation: 'sendMessage' }, 104],
    [{}, 101],
    [{ operation: 'fileDelete' }, 101],
    [{ operation: 'fileDownload' }, 101],
    [{ operation: 'fileDownload', fileId: '../../etc/passwd' }, 109],
    [{ operation: 'fileUpload' }, 101],
    [{ operation: 'fileGetLimits', secureKey: '' }, 101],
    [{ operation: 'fileGetLimits', secureKey: `${side.key.chatId}.${'0'.repeat(32)}` }, 109],
    [{ operation: 'fileGetLimits', secureKey: 'x' }, 109],
  ] as const) {
    const response = await ask(fields);
    const reply = await response.json();
    expect([response.status, reply], JSON.stringify(fields)).toMatchObject([
      200,
      { statusCode: 2, errors: [{ code }] },
    ]);
  }
});
