import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestCustomer } from '../../test-customer.ts';
import { field, filePart, formBody, formType, png, postForm, type Answered, type Part } from './raw-form.ts';

let box: ServerInABox<ManualClock>;
let customer: TestCustomer;
const sockets: Socket[] = [];

/** One byte below the limit is 1,000; so little that a test can pass it at once. */
const maxFileBytes = 1000;

beforeAll(async () => {
  box = await startServer({
    config: {
      files: { maxFileBytes, maxTotalBytes: 1_000_000, maxFiles: 1000, parallelUploads: 3 },
      limits: { bodyBytes: 12_000 },
    },
  });
  customer = box.customer();
  await customer.requestChat({ nickname: 'PersonP' });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await expectNothingLeft();
});
afterAll(() => box.stop());

/** Whatever was refused has left nothing, not even for a while. */
async function expectNothingLeft(): Promise<void> {
  for (const folder of ['incoming', 'doubt'])
    await expect.poll(() => readdir(join(box.dataFolder, 'files', folder))).toEqual([]);
}

const chatUrl = (): string => `${box.baseUrl}/genesys/2/chat/customer-support/${customer.chatId}`;
const key = (): Part => field('secureKey', customer.secureKey);
const post = (...parts: readonly Part[]): Promise<Answered> => postForm(`${chatUrl()}/file`, parts);

async function postBytes(contentType: string, body: Buffer): Promise<Answered> {
  const headers = { 'content-type': contentType };
  const response = await fetch(`${chatUrl()}/file`, { method: 'POST', headers, body: new Uint8Array(body) });
  return { status: response.status, reply: (await response.json()) as Answered['reply'] };
}

function expectRefused({ reply }: Answered, code: number): void {
  expect(reply).toMatchObject({
    statusCode: 2,
    messages: [],
    errors: [{ code, advice: expect.any(String) }],
  });
}

/** Uploads under the name that was sent; the name under which everybody else knows the file. */
async function nameAfter(sent: string): Promise<{ readonly name: string; readonly fileId: string }> {
  const { reply } = await post(key(), filePart(sent, 'text'));
  expect(reply.statusCode).toBe(0);
  const fileId = 'userData' in reply ? (reply.userData['file-id'] ?? '') : '';
  const { messages } = await customer.refresh(1);
  const found = messages.find(({ type, text }) => type === 'FileUploaded' && text === fileId);
  return { name: found?.userData['file-name'] ?? '', fileId };
}

function download(fileId: string): Promise<Response> {
  const body = new URLSearchParams({ secureKey: customer.secureKey });
  return fetch(`${chatUrl()}/file/${fileId}/download`, { method: 'POST', body });
}

describe('a name', () => {
  it.each([
    ['../../../etc/passwd.txt', 'passwd.txt'],
    ['..%2F..%2Fa.txt', '..%2F..%2Fa.txt'.replace(/^\.+/, '')],
    [String.raw`C:\\windows\\a.txt`, 'a.txt'],
    ['.txt.txt', 'txt.txt'],
    ['con.txt', '_con.txt'],
    ['invoice\u202Etxt.exe.txt', 'invoicetxt.exe.txt'],
    [`${'x'.repeat(300)}.txt`, `${'x'.repeat(116)}.txt`],
    ['Ünï çödé 文件 🎉.txt', 'Ünï çödé 文件 🎉.txt'],
    ["a;b=c'd.txt", "a;b=c'd.txt"],
  ])('%j becomes %j, and comes back in the headers of a download', async (sent, name) => {
    const uploaded = await nameAfter(sent);
    expect(uploaded.name).toBe(name);
    const response = await download(uploaded.fileId);
    const { headers } = response;
    expect(await response.text()).toBe('text');
    const encoded = /filename\*=UTF-8''(\S+)$/.exec(headers.get('content-disposition') ?? '')?.[1];
    expect(decodeURIComponent(encoded ?? '')).toBe(name);
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="[ -~]*"; filename\*=/);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '4',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'cache-control': 'private, no-store',
    });
  });

  it('with line ends in it injects no header', async () => {
    const parts = [
      `Content-Disposition: form-data; name="file"; filename="a%0d%0aSet-Cookie: b=c.txt"`,
      `Content-Disposition: form-data; name="file"; filename*=UTF-8''a%0d%0aSet-Cookie:%20b.txt`,
    ];
    for (const disposition of parts) {
      const { reply } = await post(key(), { headers: [disposition], content: 'text' });
      if (reply.statusCode !== 0) continue;
      const response = await download(reply.userData['file-id'] ?? '');
      expect(response.headers.get('set-cookie')).toBeNull();
      expect(await response.text()).toBe('text');
    }
  });
});

describe('content', () => {
  it.each([
    ['a page', 'page.html', '<script>alert(1)</script>'],
    ['a drawing with script', 'drawing.svg', '<svg onload="alert(1)"/>'],
    ['a page under the name of an image', 'page.png', '<html><script>alert(1)</script>'],
    ['an image under the name of another kind', 'image.pdf', png()],
    ['an image under the name of a text', 'image.txt', png()],
    ['a document under the name of a text', 'a.txt', '%PDF-1.7'],
    ['a program', 'a.exe', 'MZ'],
    ['a program under the name of an image', 'a.jpg', 'MZ\0\0'],
    ['a text with NUL in it', 'a.txt', 'a\0b'],
    ['a text in another encoding', 'a.txt', Buffer.from([0xff, 0xfe, 0x41, 0x00])],
    ['no extension', 'file', 'text'],
    ['two extensions', 'a.txt.exe', 'text'],
    ['an archive', 'a.zip', Buffer.from('504b0304', 'hex')],
    ['half an archive under the name of a document', 'a.docx', Buffer.from('504b0304', 'hex')],
  ])('is refused by 203: %s', async (_what, name, content) => {
    expectRefused(await post(key(), filePart(name, content)), 203);
  });

  it('that is two kinds at once is what its name says, and is saved and never shown', async () => {
    const { reply } = await post(
      key(),
      filePart('a.gif', 'GIF89a/*\x01\0*/=1;alert(1)//<script>alert(1)</script>'),
    );
    const response = await download('userData' in reply ? (reply.userData['file-id'] ?? '') : '');
    expect(response.headers.get('content-type')).toBe('image/gif');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment/);
    await response.text();
  });

  it('may have as many bytes as the limit says, and not one more', async () => {
    expect((await post(key(), filePart('a.txt', 'x'.repeat(maxFileBytes)))).reply.statusCode).toBe(0);
    expectRefused(await post(key(), filePart('a.txt', 'x'.repeat(maxFileBytes + 1))), 202);
    // The key comes too late to say whose limit it is.
    expectRefused(await post(filePart('a.txt', 'x'.repeat(maxFileBytes + 1)), key()), 202);
    expectRefused(await post(key(), filePart('a.txt', '')), 110);
  });
});

describe('a form', () => {
  it('may have its fields behind the file', async () => {
    const parts = [filePart('a.txt', 'text'), field('userData[file-description]', 'what'), key()];
    expect((await post(...parts)).reply).toMatchObject({
      statusCode: 0,
      userData: { 'file-id': expect.any(String) },
    });
    expect((await customer.refresh(1)).messages.at(-1)).toMatchObject({
      userData: { 'file-description': 'what' },
    });
    // Some platforms give bytes no name: then there is nothing that says what they are.
    const unnamed = {
      headers: ['Content-Disposition: form-data; name="file"', 'Content-Type: application/octet-stream'],
    };
    expectRefused(await post(key(), { ...unnamed, content: 'text' }), 203);
  });

  it('with a wrong key, another chat’s key or none is refused, before the file or behind it', async () => {
    const other = box.customer();
    await other.requestChat({ nickname: 'Other' });
    for (const wrong of ['0'.repeat(32), other.secureKey, `${other.chatId}.${other.secureKey}`]) {
      expectRefused(await post(field('secureKey', wrong), filePart('a.txt', 'text')), 109);
      expectRefused(await post(filePart('a.txt', 'text'), field('secureKey', wrong)), 109);
    }
    expectRefused(await post(filePart('a.txt', 'text')), 101);
    expectRefused(await post(key()), 101);
    const elsewhere = chatUrl().replace('customer-support', 'nothing-here');
    expectRefused(await postForm(`${elsewhere}/file`, [key(), filePart('a.txt', 'text')]), 109);
  });

  it.each<[string, () => readonly Part[], number]>([
    ['1,000 fields', () => Array.from({ length: 1000 }, (_, at) => field(`f${at}`, 'x')), 110],
    ['two files', () => [filePart('a.txt', 'text'), filePart('b.txt', 'text')], 110],
    ['1,000 files', () => Array.from({ length: 1000 }, () => filePart('a.txt', 'text')), 110],
    ['a field that is too long', () => [field('message', 'x'.repeat(70_000))], 204],
    [
      'many long fields',
      () => Array.from({ length: 100 }, (_, at) => field(`f${at}`, 'x'.repeat(9000))),
      204,
    ],
    ['a header that is too long', () => [{ headers: [`X: ${'x'.repeat(20_000)}`], content: '' }], 101],
    [
      '1,000 headers',
      () => [{ headers: Array.from({ length: 1000 }, (_, at) => `X-${at}: 1`), content: '' }],
      101,
    ],
    [
      'parts without headers',
      () => [
        { headers: [], content: 'x' },
        { headers: ['nonsense'], content: 'x' },
      ],
      101,
    ],
  ])('is refused with %s', async (_what, parts, code) => {
    expectRefused(await post(key(), ...parts()), code);
  });

  it.each<[string, () => readonly Part[], number]>([
    ['a part without a name', () => [{ headers: ['Content-Disposition: form-data'], content: 'x' }], 110],
    ['many long fields', () => Array.from({ length: 8 }, () => field('a', 'x'.repeat(1_900))), 204],
  ])('that comes behind %s, all at once, is answered and takes no place', async (_what, before, code) => {
    // More often than uploads may run at the same time; every second form has no end.
    for (let time = 0; time < 6; time += 1) {
      const body = formBody([key(), ...before(), filePart('a.txt', 'text')], time % 2 === 1);
      expectRefused(await postBytes(formType, body), code);
    }
    expect((await nameAfter('a.txt')).name).toBe('a.txt');
  });

  it.each([
    ['no boundary', 'multipart/form-data', () => formBody([filePart('a.txt', 'text')])],
    ['another boundary', 'multipart/form-data; boundary=x', () => formBody([filePart('a.txt', 'text')])],
    ['nothing in it', formType, () => Buffer.alloc(0)],
    ['no end', formType, () => formBody([key(), filePart('a.txt', 'text')], true)],
    ['noise', formType, () => Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 7919) % 256))],
  ])('is refused with %s', async (_what, contentType, body) => {
    expectRefused(await postBytes(contentType, body()), 110);
  });
});

/** Says that it will send so many bytes, and sends these; resolves with the socket. */
async function begin(length: number, body: Buffer): Promise<Socket> {
  const { hostname, port } = new URL(box.baseUrl);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  const path = new URL(`${chatUrl()}/file`).pathname;
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${formType}\r\nContent-Length: ${length}\r\n\r\n`,
  );
  socket.write(body);
  return socket;
}

describe('a client that sends', () => {
  it('too much is answered before it has sent everything, and hears the answer though it goes on sending', async () => {
    const length = 50_000_000;
    const socket = await begin(length, formBody([key(), filePart('a.txt', 'x'.repeat(5000))], true));
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => void (answer += chunk));
    await expect.poll(() => answer).toMatch(/"code":202/);
    expect(answer).toMatch(/connection: close/i);
    expect(answer).toMatch(/^HTTP\/1.1 200/);
    // Only so much is thrown away; then the connection ends.
    const closed = once(socket, 'close');
    const chunk = Buffer.alloc(1_000_000);
    while (!socket.destroyed && socket.write(chunk)) await new Promise(setImmediate);
    socket.on('drain', () => void socket.write(chunk));
    await closed;
  });

  it('a part of its file and goes away leaves nothing, and its place is free', async () => {
    const socket = await begin(50_000, formBody([key(), filePart('a.txt', 'x'.repeat(500))], true));
    await expect.poll(() => readdir(join(box.dataFolder, 'files', 'incoming'))).toHaveLength(1);
    socket.destroy();
    await expect.poll(() => readdir(join(box.dataFolder, 'files', 'incoming'))).toEqual([]);
  });
});
