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

function ask(fields: Fields, headers: Record<string, string> = {}): Promise<Response> {
  const form = new URLSearchParams({ secureKey: side.key.secureKey, ...fields });
  return fetch(url(), { method: 'POST', body: form, headers });
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

it('a deletion that is sent again under its key is answered alike, and another one under it is refused', async () => {
  const { secureKey } = side.key;
  for (const name of ['a.txt', 'b.txt'])
    await postForm(url(), [field('secureKey', secureKey), filePart(name, 'text')]);
  const [first, second] = (await side.until('FileUploaded', 3)).slice(1).map(({ text }) => text);
  const remove = async (fileId: string | undefined, key: string) => {
    const response = await ask({ operation: 'fileDelete', fileId }, { 'idempotency-key': key });
    return [response.headers.get('idempotent-replayed'), await response.text()] as const;
  };
  const [, told] = await remove(first, 'k1');
  expect(JSON.parse(told)).toMatchObject({ statusCode: 0 });
  expect(await remove(first, 'k1')).toEqual(['true', told]);
  await side.operate('sendMessage', { message: 'and then' });
  await box.restart();
  expect(await remove(first, 'k1')).toEqual(['true', told]);
  // Without the key, and under another one, the file is not there any more.
  for (const [fileId, key, code] of [
    [first, 'k2', 109],
    [second, 'k1', 118],
    [second, 'a key', 110],
  ] as const) {
    const [isReplayed, reply] = await remove(fileId, key);
    expect([isReplayed, JSON.parse(reply)]).toMatchObject([null, { errors: [{ code }] }]);
  }
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
