import { PushToApp } from '@parley/contract/push-to-apps.ts';
import { webhookEvents, webhookMessages, type WebhookMessage } from '@parley/contract/webhooks.ts';
import { signedHeaders } from '@parley/server/outbox/signature.ts';
import { readFile } from 'node:fs/promises';
import { Check } from 'typebox/value';
import { expect, test } from 'vitest';
import { hookSecret } from '../../webhook-receiver.ts';

const page = await readFile(new URL('../../../docs/webhooks.md', import.meta.url), 'utf8');

function blocks(language: string): readonly string[] {
  const found = page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'));
  return [...found].map(([, text = '']) => text);
}

test('the page shows one example of each message, as the contract has it', () => {
  const examples = blocks('json').map((text) => JSON.parse(text) as WebhookMessage);
  expect(examples.map(({ type }) => type)).toEqual([...webhookEvents]);
  for (const example of examples) {
    expect(Check(webhookMessages[example.type], example), example.type).toBe(true);
    expect(Object.keys(example.data).toSorted()).toEqual(
      Object.keys(webhookMessages[example.type].properties.data.properties)
        .filter((key) => key !== 'messageType')
        .toSorted(),
    );
  }
});

test('the ten lines that verify a signature do', async () => {
  const [code = ''] = blocks('js');
  const { isFromParley } = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
    isFromParley(headers: object, body: string, secret: string): boolean;
  };
  const headers = signedHeaders({ id: 'a', atMs: Date.now(), body: '{}' }, [hookSecret]);
  expect(isFromParley(headers, '{}', hookSecret)).toBe(true);
  expect(isFromParley(headers, '{ }', hookSecret)).toBe(false);
  expect(isFromParley({ ...headers, 'webhook-timestamp': '1' }, '{}', hookSecret)).toBe(false);
});

test('the page of pushes shows one, as the contract has it', async () => {
  const pushes = await readFile(new URL('../../../docs/push-to-apps.md', import.meta.url), 'utf8');
  const [, example = ''] = /```json\n(.*?)```/s.exec(pushes) ?? [];
  expect(Check(PushToApp, JSON.parse(example))).toBe(true);
});
