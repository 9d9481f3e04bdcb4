import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';

// What operators are given: /metrics, and the dashboard and the page that speak of it.

const docs = resolve(import.meta.dirname, '../../../docs');
let box: ServerInABox<ManualClock>;
beforeAll(async () => {
  box = await startServer();
});
afterAll(() => box.stop());

async function scrape(): Promise<string> {
  const response = await fetch(`${box.baseUrl}/metrics`);
  expect(response.headers.get('content-type')).toContain('text/plain');
  return response.text();
}

const valueOf = (text: string, sample: string): number => {
  const line = text.split('\n').find((one) => one.startsWith(`${sample} `));
  return Number(line?.slice(sample.length + 1));
};

const isMetric = /\b(?:parley|process|nodejs)_[a-z_]+/g;

/** The names that queries may use. */
function namesIn(text: string): ReadonlySet<string> {
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return new Set(
    types.flatMap(([, name = '', type]) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name],
    ),
  );
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}

describe('the dashboard', () => {
  test('asks for what is there, of the data source that is chosen', async () => {
    const dashboard = JSON.parse(await readFile(resolve(docs, 'grafana/parley.json'), 'utf8')) as {
      readonly schemaVersion: number;
      readonly panels: readonly Panel[];
      readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
    };
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(39);
    expect(dashboard.templating.list).toContainEqual(
      expect.objectContaining({ name: 'datasource', type: 'datasource' }),
    );
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const known = namesIn(await scrape());
    const targets = dashboard.panels.flatMap((panel) => panel.targets ?? []);
    expect(targets.length).toBeGreaterThan(20);
    for (const { expr, datasource } of targets) {
      expect(datasource.uid).toBe(`\${datasource}`);
      const used = expr.match(isMetric) ?? [];
      expect(used.length, expr).toBeGreaterThan(0);
      for (const name of used) expect(known, expr).toContain(name);
    }
  });
});

describe('docs/operations.md', () => {
  test('names every metric of ours, and none that is not there', async () => {
    const [page, text] = [await readFile(resolve(docs, 'operations.md'), 'utf8'), await scrape()];
    const isCommon = (name: string): boolean => /^parley_(push|outbox)_/.test(name);
    const ours = [...text.matchAll(/^# TYPE (parley_\S+)/gm)].map(([, name = '']) => name);
    expect(ours.filter((name) => !isCommon(name) && !page.includes(`\`${name}`))).toEqual([]);
    const known = new Set([...namesIn(text), ...ours]);
    const told = (page.match(/\bparley_[a-z_]*[a-z]\b/g) ?? []).filter(
      (name) => !/_(push|outbox)$/.test(name),
    );
    expect(told.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('a refusal is counted once', () => {
  const refusedFor = async (code: string, ask: () => Promise<unknown>): Promise<number> => {
    const sample = `parley_refusals_total{refusal="${code}"}`;
    const before = valueOf(await scrape(), sample) || 0;
    await ask();
    return valueOf(await scrape(), sample) - before;
  };
  const post = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${box.baseUrl}${path}`, { method: 'POST', body: '[]', ...init });

  test('at the door of push, without a password and with a wrong one', async () => {
    const push = '/api/v2/notifications';
    expect(await refusedFor('NotAuthenticated', () => post(push))).toBe(1);
    const wrong = { headers: { authorization: `Basic ${btoa('marat:wrong')}` } };
    expect(await refusedFor('NotAuthenticated', () => post(push, wrong))).toBe(1);
  });

  test('at the doors of files', async () => {
    expect(await refusedFor('MissingParameter', () => post('/genesys/2/chat-ntf', { body: '' }))).toBe(1);
    const marat = box.agent('marat');
    await marat.signIn();
    const path = `${box.baseUrl}/api/v2/me/chats/0000000000000000/files`;
    const upload = () => marat.fetch(path, { method: 'POST', body: 'x' });
    expect(await refusedFor('InvalidParameter', upload)).toBe(1);
  });
});

test('what people do is counted: a message, its commit, its delivery, and what waits to be seen', async () => {
  const marat = box.agent('marat');
  await marat.goToWork();
  const customer = box.customer();
  await customer.requestChat({ nickname: 'P' });
  const { id } = await marat.offered();
  await marat.accept(id, { nickname: 'Marat' });
  const before = await scrape();
  const after = marat.recorder.position;
  await customer.send('hello');
  await marat.recorder.notification({ notificationType: 'NewMessages' }, { after });
  const later = await scrape();
  const grown = (sample: string): number => valueOf(later, sample) - valueOf(before, sample);
  expect(grown('parley_delivery_seconds_count')).toBeGreaterThanOrEqual(1);
  expect(grown('parley_delivery_seconds_bucket{le="+Inf"}')).toBe(grown('parley_delivery_seconds_count'));
  expect(grown('parley_commit_batch_entries_sum')).toBeGreaterThanOrEqual(1);
  expect(grown('parley_http_requests_total{kind="customer"}')).toBe(1);
  expect(valueOf(later, 'parley_chats{state="Chatting"}')).toBe(1);
  expect(valueOf(later, 'parley_agents{state="Ready"}')).toBe(1);
  expect(valueOf(later, 'parley_queue_length{queue="support"}')).toBe(0);
  expect(valueOf(later, 'parley_commit_waiting')).toBe(0);
});
