import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { request as requestHttp, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setStage, type Stage } from '../operations/stage.ts';
import { field, filePart, formBody, formType } from './raw-form.ts';

// Uploads have bounds of their own (docs/operations.md); these are small ones, for a test that need not wait for long.

const requestTimeoutMs = 400;
const bounds = { uploadIdleMs: 1000, minUploadBytesPerSecond: 2000, parallelUploads: 1 };
let stage: Stage;

beforeEach(async () => {
  stage = await setStage({ limits: { requestTimeoutMs }, files: bounds });
});
afterEach(() => stage.box.stop());

const doors = ['customer', 'agent'] as const;
const pathOf = { customer: 'file', agent: 'files' };

/** An upload by one of them, of which nothing was sent but its head. */
function begin(who: (typeof doors)[number]): ClientRequest {
  const { box, chatId } = stage;
  const root =
    who === 'customer' ? `/genesys/2/chat/customer-support/${chatId}` : `/api/v2/me/chats/${chatId}`;
  const path = `${root}/${pathOf[who]}`;
  const headers = {
    'content-type': formType,
    ...(who === 'agent' ? { authorization: `Basic ${btoa('marat:demo')}` } : {}),
  };
  return requestHttp(`${box.baseUrl}${path}`, { method: 'POST', headers });
}

const form = (content: string, isCut = false): Buffer =>
  formBody([field('secureKey', stage.customer.secureKey), filePart('a.txt', content)], isCut);

async function answerTo(outgoing: ClientRequest): Promise<string> {
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return (await response.setEncoding('utf8').toArray()).join('');
}

/** Writes so many bytes ten times a second, until all are written or the answer has come. */
async function dribble(outgoing: ClientRequest, bytes: Buffer, atOnce: number): Promise<void> {
  let isAnswered = false;
  outgoing.once('response', () => (isAnswered = true)).on('error', () => {});
  for (let at = 0; at < bytes.length && !isAnswered; at += atOnce) {
    outgoing.write(bytes.subarray(at, at + atOnce));
    await wait(100);
  }
  outgoing.end();
}

async function expectNothingLeft(): Promise<void> {
  await expect.poll(() => readdir(join(stage.box.dataFolder, 'files', 'incoming'))).toEqual([]);
}

describe.each(doors)('an upload of the %s', (who) => {
  it('may take longer than another request, as long as it comes fast enough', async () => {
    const outgoing = begin(who);
    const answer = answerTo(outgoing);
    // 15 kB/s for more than twice the time in which the server looks for requests that take too long.
    await dribble(outgoing, form('x'.repeat(30_000)), 1500);
    expect(JSON.parse(await answer)).toMatchObject({ statusCode: 0 });
  });

  it.each([
    ['comes too slowly', 50],
    ['does not come on', 0],
  ])('that %s is refused, and its place is free', async (_how, atOnce) => {
    const outgoing = begin(who);
    const answer = answerTo(outgoing);
    if (atOnce > 0) await dribble(outgoing, form('x'.repeat(30_000)), atOnce);
    else {
      outgoing.on('error', () => {});
      // At once so much that by its speed alone it would have most of a minute.
      outgoing.write(form('x'.repeat(100_000), true));
    }
    expect(await answer).toContain('The upload came too slowly.');
    outgoing.destroy();
    await expectNothingLeft();
    const next = begin(who);
    const accepted = answerTo(next);
    next.end(form('x'));
    expect(JSON.parse(await accepted)).toMatchObject({ statusCode: 0 });
  });
});

it('another request that takes too long is cut off', async () => {
  const { port } = new URL(stage.box.baseUrl);
  const socket = connect(Number(port), '127.0.0.1');
  const head = `POST /genesys/2/chat/customer-support HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n`;
  socket.write(`${head}nickname`);
  const text = (await socket.setEncoding('utf8').toArray()).join('');
  expect(text).toContain('408 Request Timeout');
});
