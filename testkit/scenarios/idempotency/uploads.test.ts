import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AgentClient } from '@parley/client/agent-client.ts';
import { CustomerClient } from '@parley/client/customer-client.ts';
import { systemFetch, type Fetch } from '@parley/client/fetch.ts';
import { demoPassword } from '@parley/server/config/demo.ts';
import { LossyProxy } from '../../lossy-proxy.ts';
import { field, filePart, formBody, formType, type Part } from '../files/raw-form.ts';
import { setStage, type Stage } from '../operations/stage.ts';

// Uploads that are sent again (docs/adr/0010). One file is all that the quotas allow, so a second one would be refused.

let stage: Stage;

beforeEach(async () => {
  stage = await setStage({ files: { maxFiles: 1, agentMaxFiles: 1 } });
});

afterEach(() => stage.box.stop());

interface Answer {
  readonly status: number;
  readonly isReplayed: boolean;
  readonly text: string;
}

async function post(
  path: string,
  { key, parts, as = systemFetch }: { key: string; parts: readonly Part[]; as?: Fetch },
): Promise<Answer> {
  const response = await as(stage.box.baseUrl + path, {
    method: 'POST',
    headers: { 'content-type': formType, 'idempotency-key': key },
    body: new Uint8Array(formBody(parts)),
  });
  const isReplayed = response.headers.get('idempotent-replayed') === 'true';
  return { status: response.status, isReplayed, text: await response.text() };
}

const secret = (): Part => field('secureKey', stage.customer.secureKey);

function uploadOf(who: 'customer' | 'side door' | 'agent') {
  const { chatId, marat } = stage;
  return (file: Part, key = 'k1', more: readonly Part[] = []): Promise<Answer> => {
    switch (who) {
      case 'customer': {
        const path = `/genesys/2/chat/customer-support/${chatId}/file`;
        return post(path, { key, parts: [secret(), ...more, file] });
      }
      case 'side door': {
        const named = [field('operation', 'fileUpload'), field('chatId', chatId)];
        return post('/genesys/2/chat-ntf', { key, parts: [secret(), ...named, ...more, file] });
      }
      case 'agent':
        return post(`/api/v2/me/chats/${chatId}/files`, { key, parts: [...more, file], as: marat.fetch });
    }
  };
}

const everybody = ['customer', 'side door', 'agent'] as const;

/** One file in the store, one entry of the log, nothing left in between. */
async function expectOneFile(): Promise<void> {
  const { box, customer } = stage;
  const { messages } = await customer.refresh(1);
  expect(messages.filter(({ type }) => type === 'FileUploaded')).toHaveLength(1);
  const below = async (folder: string): Promise<number> => {
    const path = join(box.dataFolder, 'files', folder);
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).length;
  };
  expect(await below('kept')).toBe(1);
  expect(await below('incoming')).toBe(0);
}

const file = filePart('a.txt', 'what was written');

it.each(everybody)(
  '%s: sent again it is answered alike and stored once, also after a restart',
  async (who) => {
    const upload = uploadOf(who);
    const first = await upload(file);
    expect(first).toMatchObject({ status: 200, isReplayed: false });
    expect(JSON.parse(first.text)).toMatchObject({ statusCode: 0 });
    expect(await upload(file)).toEqual({ ...first, isReplayed: true });
    await stage.box.restart();
    expect(await upload(file)).toEqual({ ...first, isReplayed: true });
    await expectOneFile();
  },
);

it.each(everybody)('%s: sent five times at once it is stored once', async (who) => {
  const upload = uploadOf(who);
  const answers = await Promise.all(Array.from({ length: 5 }, () => upload(file)));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(answers.filter(({ isReplayed }) => !isReplayed)).toHaveLength(1);
  await expectOneFile();
});

it.each(everybody)('%s: other bytes, another name or description under the key are refused', async (who) => {
  const upload = uploadOf(who);
  await upload(file);
  const told = field(who === 'agent' ? 'description' : 'userData[file-description]', 'mine');
  const others = [
    await upload(filePart('a.txt', 'what was Written')),
    await upload(filePart('b.txt', 'what was written')),
    await upload(file, 'k1', [told]),
  ];
  const refused =
    who === 'agent'
      ? { status: 422, json: { statusCode: 10 } }
      : { status: 200, json: { statusCode: 2, errors: [{ code: 118 }] } };
  for (const { status, isReplayed, text } of others) {
    expect({ status, isReplayed }).toEqual({ status: refused.status, isReplayed: false });
    expect(JSON.parse(text)).toMatchObject(refused.json);
  }
  // Under another key it is another upload, for which there is no room.
  expect(JSON.parse((await upload(file, 'k2')).text).statusCode).not.toBe(0);
  await expectOneFile();
});

it('what was refused may be sent again under its key', async () => {
  const upload = uploadOf('customer');
  const first = await upload(filePart('a.png', 'no image'));
  expect(JSON.parse(first.text).statusCode).not.toBe(0);
  expect(await upload(file)).toMatchObject({ isReplayed: false });
  await expectOneFile();
});

it('who has not the secure key learns nothing of the keys of who has', async () => {
  const upload = uploadOf('customer');
  await upload(file);
  const path = `/genesys/2/chat/customer-support/${stage.chatId}/file`;
  const wrong = (key: string) => post(path, { key, parts: [field('secureKey', 'f'.repeat(32)), file] });
  const [used, unused] = [await wrong('k1'), await wrong('k2')];
  expect(used).toEqual(unused);
  expect(JSON.parse(used.text)).toMatchObject({ errors: [{ code: 109 }] });
});

it('is answered alike after the file was deleted and the chat is over', async () => {
  const { customer, marat, chatId } = stage;
  const upload = uploadOf('customer');
  const first = await upload(file);
  const { userData } = JSON.parse(first.text) as { userData: Record<string, string> };
  await customer.deleteFile(userData['file-id'] ?? '');
  await customer.disconnect();
  await marat.complete(chatId);
  expect(await upload(file)).toEqual({ ...first, isReplayed: true });
});

it('the SDK sends a file again whose answer was lost', async () => {
  const { box, customer, chatId } = stage;
  const proxy = await LossyProxy.open(Number(new URL(box.baseUrl).port));
  try {
    const baseUrl = `http://127.0.0.1:${proxy.port}`;
    const retry = { firstPauseMs: 0, longestPauseMs: 0 };
    const blob = new Blob(['what was written']);
    const client = new CustomerClient({ baseUrl, service: 'customer-support', retry });
    client.resume(customer.credentials);
    proxy.swallow();
    const fileId = await client.uploadFile(blob, { name: 'a.txt' });
    const agent = new AgentClient({ baseUrl, userName: 'marat', password: demoPassword, retry });
    await agent.signIn();
    proxy.swallow();
    const sent = await agent.files.upload(chatId, blob, { name: 'a.txt' });
    expect(proxy.swallowed).toBe(2);
    const { messages } = await customer.refresh(1);
    const uploaded = messages.filter(({ type }) => type === 'FileUploaded').map(({ text }) => text);
    expect(uploaded).toEqual([fileId, sent.id]);
  } finally {
    await proxy.close();
  }
});
