import { defaultLoad } from '@parley/load/run/load-options.ts';
import { LoadRun } from '@parley/load/run/load-run.ts';
import type { FindingKind } from '@parley/load/history/finding.ts';
import { ownAccounts, ownConfiguration, ownService } from '@parley/load/server/own-server.ts';
import type { LoadResult } from '@parley/load/run/load-result.ts';
import { systemClock } from '@parley/server/clock.ts';
import { describe, expect, test } from 'vitest';
import { PlantingProxy, type Passing, type PlantedBug } from './planting-proxy.ts';
import { startServer, type BoxOptions } from './server-in-a-box.ts';

const accounts = ownAccounts(2);
const customers = 3;

/** Chats that are over, and looked at, before a run ends. */
const enoughChats = 4;
const patienceMs = 6_000;

/** `parley load` against a server of its own, until the bug was found or some chats are over without. */
async function loadThrough(
  bug: PlantedBug,
  customerMode: 'polling' | 'cometd' = 'polling',
): Promise<LoadResult> {
  const config = ownConfiguration(accounts, customers) as NonNullable<BoxOptions['config']>;
  const box = await startServer({ config: { ...config, logLevel: 'silent' }, clock: systemClock });
  const proxy = await PlantingProxy.open(Number(new URL(box.baseUrl).port), bug);
  const run = new LoadRun({
    ...defaultLoad,
    ...{ url: proxy.url, service: ownService, accounts, customers, customerMode, seconds: patienceMs / 1000 },
    ...{
      rampSeconds: 0,
      thinkMs: 2,
      messagesPerChat: 5,
      pollMs: 10,
      requestTimeoutMs: 700,
      drainMs: 4_000,
    },
  });
  const enough = Promise.withResolvers<void>();
  const looking = setInterval(() => {
    if (run.ledger.finished >= enoughChats || run.ledger.findings.length > 0) enough.resolve();
  }, 10);
  try {
    await run.signIn();
    return await run.work(enough.promise);
  } finally {
    clearInterval(looking);
    run.giveUp();
    await proxy.close();
    await box.stop();
  }
}

interface Said {
  readonly index: number;
  readonly type: string;
  readonly text?: string;
  readonly from: object;
}

/** Changes the message logs in the answers to these requests, one in so many. */
function inLogs(where: RegExp, change: (messages: Said[]) => Said[], every = 3): PlantedBug {
  let count = 0;
  return async ({ path, body, pass }) => {
    const answer = await pass();
    if (!where.test(`${path} ${body}`) || !answer.includes('"Text"') === !answer.includes('"Message"'))
      return answer;
    const texts = /"type":"(Text|Message)"/;
    if (!texts.test(answer) || (count += 1) % every !== 0) return answer;
    return JSON.stringify(changed(JSON.parse(answer), change));
  };
}

/** Every list called `messages` in it, wherever it stands. */
function changed(value: unknown, change: (messages: Said[]) => Said[]): unknown {
  if (Array.isArray(value)) return value.map((one) => changed(one, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) =>
      key === 'messages' && Array.isArray(inner) && inner.length > 0
        ? [key, change(inner as Said[])]
        : [key, changed(inner, change)],
    ),
  );
}

/** One send of a customer in so many. */
function inSends(bug: (passing: Passing) => Promise<string>): PlantedBug {
  let count = 0;
  return (passing) =>
    passing.path.endsWith('/send') && (count += 1) % 4 === 0 ? bug(passing) : passing.pass();
}

const isText = ({ type }: Said): boolean => type === 'Text' || type === 'Message';
const withoutText = (messages: Said[]): Said[] => messages.filter((one) => !isText(one));
const push = /notifications/;
const poll = /\/refresh .*transcriptPosition=(?!1(&|$))/;
const wholeLog = /\/refresh .*transcriptPosition=1(&|$)/;
const chatIn = (path: string): string => path.split('/').at(-2) ?? '';
/** The last answer to a message, by chat. */
const answers = new Map<string, string>();

/** What a server might do wrong, and what is found of it. */
const bugs: readonly [string, readonly FindingKind[], PlantedBug][] = [
  [
    'acknowledges without storing',
    ['lost'],
    // The client goes on with the keys of an answer: so it gets an earlier one of its chat.
    inSends(({ path, pass }) => {
      const earlier = answers.get(chatIn(path));
      return earlier === undefined ? pass() : Promise.resolve(earlier);
    }),
  ],
  [
    'carries a request out twice',
    ['doubled'],
    inSends(async ({ pass, body }) => {
      await pass(body);
      return pass(`${body}&again=1`);
    }),
  ],
  ['leaves messages out of a push', ['undelivered'], inLogs(push, withoutText)],
  ['leaves messages out of a poll', ['undelivered'], inLogs(poll, withoutText)],
  ['leaves messages out of the log', ['lost', 'vanished'], inLogs(wholeLog, withoutText, 1)],
  ['pushes a message twice', ['deliveredTwice'], inLogs(push, (messages) => [...messages, ...messages])],
  [
    'answers a poll in the wrong order',
    ['deliveredOutOfOrder'],
    inLogs(wholeLog, (messages) => messages.toReversed(), 1),
  ],
  [
    'numbers a message anew',
    ['indexReused', 'gap', 'doubled'],
    inLogs(push, (messages) => messages.map((one) => ({ ...one, index: one.index + 1 }))),
  ],
  [
    'damages a text',
    ['phantom', 'indexReused'],
    inLogs(push, (messages) => messages.map((one) => (isText(one) ? { ...one, text: `${one.text}?` } : one))),
  ],
  [
    'tells a customer what is for agents',
    ['wrongEyes'],
    inLogs(push, (messages) => messages.map((one) => ({ ...one, visibility: 'Supervisors' }))),
  ],
  [
    'stores what it refuses',
    ['refusedYetThere'],
    inSends(async ({ pass }) => {
      const { chatId } = JSON.parse(await pass()) as { chatId: string };
      return JSON.stringify({
        ...{ statusCode: 2, chatEnded: false, chatId, messages: [] },
        errors: [{ code: 500, advice: 'refused' }],
      });
    }),
  ],
];

describe('parley load against a server with a planted bug', { timeout: 60_000 }, () => {
  test('none: passes, in both ways of customers', async () => {
    for (const mode of ['polling', 'cometd'] as const) {
      const result = await loadThrough(({ pass }) => pass(), mode);
      expect(result.details).toEqual([]);
      expect(result.isGood).toBe(true);
      expect(result.chats.unfinished).toBe(0);
    }
  });

  test.each(bugs)('one that %s: fails', async (_, kinds, bug) => {
    const remembering: PlantedBug = async (passing) => {
      const { pass } = passing;
      const remember = async (body?: string): Promise<string> => {
        const answer = await pass(body);
        if (passing.path.endsWith('/send') && answer.startsWith('{"statusCode":0'))
          answers.set(chatIn(passing.path), answer);
        return answer;
      };
      return bug({ ...passing, pass: remember });
    };
    const result = await loadThrough(remembering);
    const found = new Set(result.details.map(({ kind }) => kind));
    expect([...kinds].filter((kind) => found.has(kind))).not.toEqual([]);
    expect(result.isGood).toBe(false);
  });
});
