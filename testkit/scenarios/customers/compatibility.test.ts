import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestAgent } from '../../test-agent.ts';

// What real clients force a server to do (gms-customer-api §2 "Request encoding tolerance", §3 "Compatibility rules").

interface Event {
  readonly index: number;
  readonly type: string;
  readonly text?: string;
  readonly from: { readonly type: string };
}
type Reply = Readonly<Record<string, unknown>> & {
  readonly chatId: string;
  readonly secureKey: string;
  readonly messages: readonly Event[];
};

const form = 'application/x-www-form-urlencoded';
let box: ServerInABox<ManualClock>;
let marat: TestAgent;
let path = '';
let secureKey = '';

const service = (): string => `${box.baseUrl}/genesys/2/chat/customer-support`;
async function raw(
  operation: string,
  body: string | FormData,
  type?: string,
): Promise<Reply & { httpStatus: number }> {
  const headers = { ...(type === undefined ? {} : { 'content-type': type }) };
  const response = await fetch(`${service()}${operation}`, { method: 'POST', headers, body });
  expect(response.headers.get('content-type')).toMatch(/^application\/json; ?charset=utf-8$/);
  return { ...((await response.json()) as Reply), httpStatus: response.status };
}
const post = (operation: string, fields: Record<string, string> = {}): ReturnType<typeof raw> =>
  raw(`${path}${operation}`, new URLSearchParams({ secureKey, ...fields }).toString(), form);
async function lastEvent(): Promise<Event | undefined> {
  return (await post('/refresh', { transcriptPosition: '1' })).messages.at(-1);
}

beforeAll(async () => {
  box = await startServer();
  marat = box.agent('marat');
  await marat.goToWork();
  const opened = await raw('', 'nickname=PersonP', form);
  ({ secureKey } = opened);
  path = `/${opened.chatId}`;
  await marat.offered();
  await marat.accept(opened.chatId, { nickname: 'Marat' });
});
afterAll(() => box?.stop());

const operations: readonly (readonly [string, Record<string, string>])[] = [
  ['refresh', {}],
  ['send', { message: 'm' }],
  ['startTyping', {}],
  ['stopTyping', {}],
  ['updateNickname', { nickname: 'PersonP' }],
  ['pushUrl', { pushUrl: 'https://a.example' }],
  ['customNotice', { message: 'n' }],
  ['updateData', { 'userData[k]': 'v' }],
  ['readReceipt', { transcriptPosition: '1' }],
];

describe('the compatibility rules', () => {
  it('1: no `errors` on success', async () => {
    for (const [name, fields] of operations)
      expect(await post(`/${name}`, fields)).not.toHaveProperty('errors');
  });

  it('2: `nextPosition` in the answer to a request for a chat', async () => {
    const opened = await raw('', 'nickname=PersonP&text=Hello&alias=&secureKey=&userId=', form);
    expect(opened).toMatchObject({ nextPosition: 3, messages: [{ index: 1 }, { index: 2, text: 'Hello' }] });
  });

  it('3: `chatEnded` always, on success and on failure', async () => {
    for (const [name, fields] of operations)
      expect(await post(`/${name}`, fields)).toHaveProperty('chatEnded', false);
    expect(await post('/send', { message: '' })).toHaveProperty('chatEnded', false);
    expect(await raw('', '', form)).toHaveProperty('chatEnded', false);
  });

  it('4: `messages` is a list, and each has a `from` with a type', async () => {
    for (const [name, fields] of operations)
      expect((await post(`/${name}`, fields)).messages).toBeInstanceOf(Array);
    expect((await raw('', '', form)).messages).toEqual([]);
    const { messages } = await post('/refresh', { transcriptPosition: '1' });
    expect(messages.length).toBeGreaterThan(3);
    for (const { from } of messages) expect(from.type).toMatch(/^(Client|Agent)$/);
  });

  it('5: `chatId` is a text and `statusCode` a number, always', async () => {
    const replies = [
      await post('/refresh'),
      await raw('', '', form),
      await post('/send'),
      await post('/refresh', { secureKey: 'x' }),
    ];
    for (const { chatId, statusCode } of replies) {
      expect(chatId).toBeTypeOf('string');
      expect(statusCode).toBeTypeOf('number');
    }
  });

  it('6: values of `userData` are texts', async () => {
    await raw(
      `${path}/updateData`,
      JSON.stringify({ secureKey, userData: { n: 1, b: true } }),
      'application/json',
    );
    const chat = await marat.chat(path.slice(1));
    expect(chat.userData).toMatchObject({ n: '1', b: 'true' });
    const { userData, messages } = await post('/refresh');
    expect(Object.values({ ...(userData as object) }).every((value) => typeof value === 'string')).toBe(true);
    for (const event of messages) expect(event).toMatchObject({ userData: {} });
  });

  it('7: what is refused about a chat comes with HTTP 200 and a status', async () => {
    expect(await post('/send')).toMatchObject({ httpStatus: 200, statusCode: 2, errors: [{ code: 101 }] });
    const unknown = await raw('/0000000000000000/refresh', `secureKey=${secureKey}`, form);
    expect(unknown).toMatchObject({ httpStatus: 200, statusCode: 2, errors: [{ code: 109 }] });
    expect(await raw('', 'firstName=P', form)).toMatchObject({ httpStatus: 200, errors: [{ code: 103 }] });
    expect(await raw('', 'lastName=P', form)).toMatchObject({ httpStatus: 200, errors: [{ code: 102 }] });
    expect(await raw('', 'subject=P', form)).toMatchObject({ httpStatus: 200, errors: [{ code: 161 }] });
    expect(await raw('', 'nickname=P&emailAddress=x', form)).toMatchObject({ errors: [{ code: 364 }] });
  });

  it('8: `alias`, `userId`, `secureKey` and `chatId` in every answer, after disconnect too', async () => {
    const opened = await raw('', 'nickname=PersonP', form);
    const ids = {
      alias: '1',
      userId: expect.stringMatching(/^[0-9A-F]{16}$/),
      secureKey: opened.secureKey,
      chatId: opened.chatId,
    };
    expect(opened).toMatchObject(ids);
    const body = `secureKey=${opened.secureKey}`;
    for (const operation of ['refresh', 'disconnect', 'disconnect', 'refresh'])
      expect(await raw(`/${opened.chatId}/${operation}`, body, form)).toMatchObject(ids);
  });
});

describe('request bodies as they come', () => {
  it('with a leading `&`', async () => {
    expect(await raw(`${path}/send`, `&secureKey=${secureKey}&message=led`, form)).toMatchObject({
      statusCode: 0,
    });
    expect(await lastEvent()).toMatchObject({ text: 'led' });
  });

  it('with a URL that was not encoded, between other fields', async () => {
    const url = 'https://a.example/x%20y?a=1&b=2+3&c=é';
    await raw(`${path}/pushUrl`, `&pushUrl=${url}&secureKey=${secureKey}`, form);
    expect(await lastEvent()).toMatchObject({ type: 'PushUrl', text: url });
    await raw(`${path}/pushUrl`, `secureKey=${secureKey}&pushUrl=${url}`, form);
    expect(await lastEvent()).toMatchObject({ type: 'PushUrl', text: url });
  });

  it('with a URL that was encoded', async () => {
    const url = 'https://a.example/x%20y?a=1&b=2';
    await raw(`${path}/pushUrl`, `secureKey=${secureKey}&pushUrl=${encodeURIComponent(url)}`, form);
    expect(await lastEvent()).toMatchObject({ type: 'PushUrl', text: url });
  });

  it.each([
    'javascript:alert(1)',
    'file:///etc/passwd',
    'data:text/html,x',
    'https://',
    '//a.example',
    'http://a b',
  ])('but not with the URL %s', async (url) => {
    expect(await post('/pushUrl', { pushUrl: url })).toMatchObject({
      statusCode: 2,
      errors: [{ code: 110 }],
    });
  });

  it('as a form that is called text/plain', async () => {
    await raw(`${path}/send`, `secureKey=${secureKey}&message=plain`, 'text/plain;charset=UTF-8');
    expect(await lastEvent()).toMatchObject({ text: 'plain' });
  });

  it('as a multipart form', async () => {
    const parts = new FormData();
    for (const [name, value] of Object.entries({
      secureKey,
      message: 'in parts ☃\r\n--x',
      'userData["k"]': 'v',
    }))
      parts.set(name, value);
    parts.set('file', new Blob(['not taken']), 'a.txt');
    expect(await raw(`${path}/send`, parts)).toMatchObject({ statusCode: 0 });
    expect(await lastEvent()).toMatchObject({ text: 'in parts ☃\r\n--x' });
    const broken = await raw(`${path}/send`, 'nothing of the sort', 'multipart/form-data; boundary=x');
    expect(broken).toMatchObject({ statusCode: 2, errors: [{ code: 110 }] });
  });

  it('as JSON, with the keys of a form too', async () => {
    const body = { secureKey, transcriptPosition: 1, "userData['j']": 'w' };
    await raw(`${path}/updateData`, JSON.stringify(body), 'application/json');
    expect((await marat.chat(path.slice(1))).userData).toMatchObject({ j: 'w' });
  });

  it('with a slash at the end of the path', async () => {
    expect(await post('/refresh/')).toMatchObject({ statusCode: 0 });
    expect(await raw('/', 'nickname=PersonP', form)).toMatchObject({ statusCode: 0 });
  });
});

describe('transcriptPosition', () => {
  it('of 1 brings everything, of 0 nothing, of nextPosition what is new; without it refresh brings all, send nothing', async () => {
    const all = await post('/refresh', { transcriptPosition: '1', message: '' });
    const next = String(all['nextPosition']);
    expect(all.messages.at(-1)?.index).toBe(Number(next) - 1);
    expect((await post('/refresh', { transcriptPosition: '0' })).messages).toEqual([]);
    expect((await post('/refresh', { transcriptPosition: next })).messages).toEqual([]);
    expect((await post('/refresh')).messages).toEqual(all.messages);
    const sent = await post('/send', { message: 'x' });
    expect(sent.messages).toEqual([]);
    expect(sent).not.toHaveProperty('nextPosition');
    const withTranscript = await post('/send', { message: 'y', transcriptPosition: next });
    expect(withTranscript.messages.map(({ text }) => text)).toEqual(['x', 'y']);
  });

  it('may be another in each of many polls at a time', async () => {
    const { messages } = await post('/refresh', { transcriptPosition: '1' });
    const positions = Array.from({ length: 40 }, (_, at) => (at % messages.length) + 1);
    const polls = positions.map((position) => post('/refresh', { transcriptPosition: String(position) }));
    const sends = Array.from({ length: 10 }, (_, at) => post('/send', { message: `during ${at}` }));
    const replies = await Promise.all(polls);
    await Promise.all(sends);
    for (const [at, reply] of replies.entries()) {
      const indexes = reply.messages.map(({ index }) => index);
      const first = positions[at] as number;
      expect(indexes).toEqual(indexes.map((_, offset) => first + offset));
      expect(reply['nextPosition']).toBe(first + indexes.length);
      expect(indexes.length).toBeGreaterThanOrEqual(messages.length - first + 1);
    }
  });
});

describe('what a customer says about the chat', () => {
  it('cannot take the place of what the contact centre or an agent says', async () => {
    const before = (await marat.chat(path.slice(1))).userData['ContactId'];
    await post('/updateData', {
      'userData[ContactId]': 'x',
      'userData[DispositionCode]': 'sold',
      'userData[mine]': '1',
    });
    const { userData } = await marat.chat(path.slice(1));
    expect(userData).toMatchObject({ ContactId: before, mine: '1' });
    expect(userData).not.toHaveProperty('DispositionCode');
  });

  it('is bounded as a whole, however many requests it comes in', async () => {
    const opened = await raw('', 'nickname=PersonP', form);
    const put = (at: number): ReturnType<typeof raw> =>
      raw(
        `/${opened.chatId}/updateData`,
        `secureKey=${opened.secureKey}&userData[k${at}]=${'v'.repeat(3000)}`,
        form,
      );
    const statuses = [];
    for (let at = 0; at < 8; at += 1) statuses.push((await put(at))['statusCode']);
    expect(statuses).toEqual([0, 0, 0, 0, 0, 2, 2, 2]);
  });

  it('about what was read counts once', async () => {
    const opened = await raw('', 'nickname=PersonP', form);
    const read = (position: string): ReturnType<typeof raw> =>
      raw(
        `/${opened.chatId}/readReceipt`,
        `secureKey=${opened.secureKey}&transcriptPosition=${position}`,
        form,
      );
    for (const position of ['1', '1', '0'])
      expect(await read(position)).toMatchObject({ statusCode: 0, messages: [] });
    const { messages } = await raw(`/${opened.chatId}/refresh`, `secureKey=${opened.secureKey}`, form);
    expect(messages.map(({ type, text }) => [type, text])).toEqual([
      ['ParticipantJoined', undefined],
      ['Notice', 'read-confirm'],
    ]);
  });
});
