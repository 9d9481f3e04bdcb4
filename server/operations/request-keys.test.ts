import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { Clock } from '../clock.ts';
import type { ChatId } from '../domain/ids.ts';
import type { StoredEvent } from '../domain/chat-event.ts';
import { JournalError } from '../journal/journal-error.ts';
import type { Journal, JournalEntry, RequestKeyRow, TableWrite } from '../journal/journal.ts';
import { deriveSecureKey, foretell, onNobodysBehalf, secureKeyFor, speaksOf } from './keyed-request.ts';
import { RequestKeys } from './request-keys.ts';
import { take } from './take.ts';

/** As much of a journal as is appended to; `release` makes what waits durable. */
class Disk {
  readonly entries: JournalEntry[] = [];
  readonly #waiting: (() => void)[] = [];
  isFull = false;

  append = (entry: JournalEntry, onDurable: () => void): void => {
    if (this.isFull) throw new JournalError('overloaded', 'full');
    this.entries.push(entry);
    this.#waiting.push(onDurable);
  };

  release(): void {
    for (const run of this.#waiting.splice(0)) run();
  }

  get rows(): readonly RequestKeyRow[] {
    return this.#writes().flatMap((one) => ('row' in one ? [one.row] : []));
  }

  get removals(): readonly number[] {
    return this.#writes().flatMap((one) => ('forgetUpTo' in one ? [one.forgetUpTo] : []));
  }

  #writes(): Extract<TableWrite, { table: 'request_keys' }>[] {
    return this.entries.flatMap(({ writes }) => writes.filter((one) => one.table === 'request_keys'));
  }
}

let disk: Disk;
let nowMs: number;
let keys: RequestKeys;
const clock: Clock = { now: () => nowMs, setTimer: () => () => {} };
const bounds = { keepMs: 1000, maxKeys: 100 };

beforeEach(() => {
  disk = new Disk();
  nowMs = 10_000;
  keys = newKeys();
});

function newKeys(): RequestKeys {
  return new RequestKeys({ journal: disk as unknown as Journal, clock, ...bounds });
}

interface Done {
  readonly said: string;
}

const event = { chatId: 'chat' as ChatId, seq: 7 } as StoredEvent;

function write(): Promise<Refusal | null> {
  return new Promise((resolve) => {
    const refused = take(disk as unknown as Journal, { events: [event], writes: [] }, () => resolve(null));
    if (refused) resolve(refused);
  });
}

let runs = 0;

/** One request that appends an event; `work` takes the place of that. */
function ask(
  options: { key?: string; scope?: string; content?: string; work?: () => Promise<Done | Refusal> } = {},
) {
  const { key = 'key', scope = 'marat', content = 'say hello' } = options;
  const work = async (): Promise<Done | Refusal> => {
    runs += 1;
    return (await write()) ?? { said: 'done' };
  };
  return keys.ask<Done>({
    key,
    scope: [scope],
    content,
    carryOut: options.work ?? work,
    answerAgain: ({ chat, answer }) => (answer as Done | undefined) ?? { said: `again ${chat?.toSeq}` },
  });
}

async function done<Result>(asked: Promise<Result>): Promise<Result> {
  await turn();
  disk.release();
  await turn();
  disk.release();
  return asked;
}

beforeEach(() => {
  runs = 0;
});

describe('a request with an idempotency key', () => {
  it('takes the note of its key along with what it appends first', async () => {
    await done(ask());
    expect(disk.entries).toHaveLength(1);
    expect(disk.rows).toMatchObject([{ number: 1, outcome: { chat: { id: 'chat', fromSeq: 7, toSeq: 7 } } }]);
    expect(JSON.stringify(disk.rows)).not.toContain('hello');
    // 128 bits each, and no more.
    const bits = expect.stringMatching(/^[\w-]{22}$/) as unknown;
    expect(disk.rows).toMatchObject([{ digest: bits, fingerprint: bits }]);
  });

  it('is answered again and not carried out again', async () => {
    expect(await done(ask())).toMatchObject({ answer: { said: 'done' }, isReplayed: false });
    expect(await done(ask())).toMatchObject({ answer: { said: 'again 7' }, isReplayed: true });
    expect(runs).toBe(1);
  });

  it('with another content is refused, before and after the first has ended', async () => {
    const first = ask();
    const early = await ask({ content: 'say goodbye' });
    await done(first);
    const late = await ask({ content: 'say goodbye' });
    for (const each of [early, late])
      expect(each).toEqual({ answer: refuse('KeyReused'), isReplayed: false });
    expect(runs).toBe(1);
  });

  it('under the same key of somebody else is another request', async () => {
    await done(ask());
    expect((await done(ask({ scope: 'kristi' }))).isReplayed).toBe(false);
    expect(runs).toBe(2);
  });

  it('waits while the same request is under way, and is answered after it', async () => {
    const [first, second, third] = [ask(), ask(), ask()];
    expect((await done(first)).isReplayed).toBe(false);
    expect(await Promise.all([second, third])).toMatchObject([
      { answer: { said: 'again 7' }, isReplayed: true },
      { answer: { said: 'again 7' }, isReplayed: true },
    ]);
    expect(runs).toBe(1);
  });

  it('leaves no note when it is refused, and may be tried again', async () => {
    disk.isFull = true;
    const [first, waiting] = [ask(), ask()];
    const answer: unknown = expect.objectContaining({ refused: 'Unavailable' });
    expect([await first, await waiting]).toEqual([
      { answer, isReplayed: false },
      { answer, isReplayed: true },
    ]);
    // Whoever waited is told the same, and nothing is carried out for them.
    expect([runs, disk.entries]).toEqual([1, []]);
    disk.isFull = false;
    expect((await done(ask())).answer).toEqual({ said: 'done' });
    expect(disk.rows).toHaveLength(1);
  });

  it('leaves no note when it is refused before it has appended anything', async () => {
    expect((await ask({ work: () => Promise.resolve(refuse('KeyReused')) })).isReplayed).toBe(false);
    expect([disk.entries, keys.size]).toEqual([[], 0]);
  });

  it('that is refused after it has appended something may be tried again, also after a restart', async () => {
    const work = async (): Promise<Refusal> => (await write()) ?? refuse('Unavailable');
    expect((await done(ask({ work }))).answer).toEqual(refuse('Unavailable'));
    const stored = disk.rows;
    keys = newKeys();
    keys.restore(stored);
    expect((await done(ask())).isReplayed).toBe(false);
  });

  it('that fails may be tried again unless it has appended something', async () => {
    const broken = () => Promise.reject(new Error('broken'));
    await expect(ask({ work: broken })).rejects.toThrow('broken');
    expect(keys.size).toBe(0);
    expect((await done(ask())).isReplayed).toBe(false);
    const late = async () => {
      await write();
      throw new Error('too late');
    };
    const failed = ask({ key: 'other', work: late }).catch((error: unknown) => String(error));
    expect(await done(failed)).toBe('Error: too late');
    expect((await ask({ key: 'other' })).isReplayed).toBe(true);
  });

  it('that changes nothing is noted by itself', async () => {
    const work = (): Promise<Done> => Promise.resolve({ said: 'nothing to do' });
    await done(ask({ work }));
    expect(disk.entries).toMatchObject([{ events: [] }]);
    expect((await ask({ work })).isReplayed).toBe(true);
  });

  it('that changes nothing is refused when its note finds no room, and fails with the store', async () => {
    const work = (): Promise<Done> => Promise.resolve({ said: 'nothing to do' });
    disk.isFull = true;
    expect((await ask({ work })).answer).toMatchObject({ refused: 'Unavailable' });
    disk.append = () => {
      throw new JournalError('failed', 'the disk is gone');
    };
    await expect(ask({ work })).rejects.toThrow('the disk is gone');
    expect(keys.size).toBe(0);
  });

  it('has its answer noted where that does not follow from what was done', async () => {
    const asked = {
      key: 'k',
      scope: ['s'],
      content: 'c',
      carryOut: async () => (await write()) ?? { said: 'odd' },
      answerAgain: ({ answer }: { readonly answer?: unknown }) => answer as Done,
      follows: () => false,
    };
    const first = keys.ask<Done>(asked);
    await turn();
    disk.release();
    await turn();
    // Its event is durable, its answer is not yet: the same request once more waits for that.
    const second = keys.ask<Done>(asked);
    expect(await done(first)).toMatchObject({ answer: { said: 'odd' }, isReplayed: false });
    expect(await second).toMatchObject({ answer: { said: 'odd' }, isReplayed: true });
    const stored = disk.rows;
    expect(stored.map(({ number }) => number)).toEqual([1, 2]);
    keys = newKeys();
    keys.restore(stored);
    expect(await keys.ask<Done>(asked)).toMatchObject({ answer: { said: 'odd' }, isReplayed: true });
  });
});

it('what others do on the occasion of a request is not done on its behalf', async () => {
  const work = async (): Promise<Done> => {
    // A round of the router comes first, before the request appends anything.
    onNobodysBehalf(() => void write());
    await write();
    return { said: 'done' };
  };
  await done(ask({ work }));
  expect(disk.entries.map(({ writes }) => writes.length)).toEqual([0, 1]);
});

it('what a request has started and not waited for is not done on its behalf', async () => {
  const later = Promise.withResolvers<void>();
  const work = (): Promise<Done> => {
    void later.promise.then(write);
    return Promise.resolve({ said: 'done' });
  };
  await done(ask({ work }));
  later.resolve();
  await turn();
  expect(disk.entries.map(({ writes }) => writes.length)).toEqual([1, 0]);
});

describe('what is remembered', () => {
  it('is remembered after a restart, and for no longer than configured', async () => {
    await done(ask());
    const stored = disk.rows;
    keys = newKeys();
    keys.restore(stored);
    expect((await ask()).isReplayed).toBe(true);
    nowMs += bounds.keepMs;
    expect((await done(ask())).isReplayed).toBe(false);
  });

  it('is bounded: the oldest are forgotten, and their rows go, some at a time', async () => {
    for (let number = 0; number < 1000; number += 1) await done(ask({ key: `key ${number}` }));
    // Looked after once in 64 requests, at the 960th the last time.
    expect(keys.size).toBe(bounds.maxKeys + 40);
    expect(disk.removals.slice(0, 3)).toEqual([92, 156, 220]);
    expect((await done(ask({ key: 'key 0' }))).isReplayed).toBe(false);
    expect((await ask({ key: 'key 999' })).isReplayed).toBe(true);
    const last = disk.removals.at(-1) ?? 0;
    expect(last).toBeGreaterThan(700);
    expect(last).toBeLessThanOrEqual(1000 - bounds.maxKeys);
  });

  it('of many rows that have expired while the server was away goes in steps', async () => {
    const rows = Array.from({ length: 5000 }, (_, at) => ({
      ...{ number: at + 1, digest: `d${at}`, fingerprint: 'f', outcome: {}, atMs: 1 },
    }));
    keys.restore(rows);
    expect(keys.size).toBe(0);
    for (let request = 0; request < 6; request += 1) await done(ask({ key: `key ${request}` }));
    expect(disk.removals).toEqual([1024, 2048, 3072, 4096, 5000]);
  });

  it('is forgotten in steps too when much expires at once', async () => {
    for (let number = 0; number < 191; number += 1) await done(ask({ key: `key ${number}` }));
    expect(keys.size).toBe(163);
    nowMs += bounds.keepMs;
    await done(ask({ key: 'one more' }));
    expect(keys.size).toBe(164 - 128);
  });

  it.each([1, 10_001])('of rows from number %i on goes from there, and what is kept stays', async (first) => {
    const rows = Array.from({ length: 200 }, (_, at) => ({
      ...{ number: first + at, digest: `d${at}`, fingerprint: 'f', outcome: {} },
      // The last that is too old is so by nothing.
      atMs: nowMs - bounds.keepMs + (at < 150 ? 0 : 1),
    }));
    keys.restore([]);
    keys.restore(rows);
    expect(keys.size).toBe(50);
    await done(ask());
    expect([disk.rows[0]?.number, disk.removals]).toEqual([first + 200, [first + 149]]);
  });
});

describe('what a request says of its answer before it appends', () => {
  const again = { said: 'told before' };

  it('is stored with its key, and is the answer when it is sent again', async () => {
    const work = async () => (foretell(again), (await write()) ?? again);
    expect(await done(ask({ work }))).toMatchObject({ answer: again, isReplayed: false });
    expect(disk.rows).toMatchObject([{ outcome: { answer: again, chat: { toSeq: 7 } } }]);
    expect(await done(ask())).toMatchObject({ answer: again, isReplayed: true });
  });

  it('comes too late behind the append, and when the request is over', async () => {
    const work = async () => (await write()) ?? foretell(again);
    await done(ask({ work }));
    expect(disk.rows.map(({ outcome }) => Object.keys(outcome))).toEqual([['chat']]);
  });

  it('may be a state of a chat to which nothing is appended', async () => {
    const work = () => {
      speaksOf({ id: event.chatId, seq: 7 });
      return Promise.resolve({ said: 'nothing new' });
    };
    await done(ask({ work }));
    expect(disk.rows).toMatchObject([{ outcome: { chat: { id: 'chat', fromSeq: 8, toSeq: 7 } } }]);
  });

  it('may be a secret that only its key makes again', async () => {
    let secret = '';
    const work = async () => {
      secret = secureKeyFor((count) => new Uint8Array(count).fill(7));
      return (await write()) ?? { said: 'opened' };
    };
    await done(ask({ key: 'mine', work }));
    const salt = disk.rows[0]?.outcome.salt ?? '';
    expect([secret, secret.length]).toEqual([deriveSecureKey('mine', salt), 32]);
    expect(secret).not.toBe(deriveSecureKey('others', salt));
  });

  it('is nobody else’s', () => {
    expect(foretell(again)).toBe(again);
    expect(() => speaksOf({ id: event.chatId, seq: 7 })).not.toThrow();
    expect(secureKeyFor((count) => new Uint8Array(count).fill(7))).toMatch(/^(07){16}$/);
  });
});

describe('a key', () => {
  const scoped = (key: string) => ({ key, scope: ['marat'] });

  it('is known from the request on, until it is forgotten', async () => {
    expect(keys.has(scoped('key'))).toBe(false);
    const asked = ask();
    expect([keys.has(scoped('key')), keys.has(scoped('other'))]).toEqual([true, false]);
    await done(asked);
    expect([keys.has(scoped('key')), keys.has({ key: 'key', scope: ['anna'] })]).toEqual([true, false]);
    nowMs += bounds.keepMs + 1;
    expect(keys.has(scoped('key'))).toBe(false);
  });

  it('need not be there', async () => {
    const request = { content: '', carryOut: () => ({ said: String((runs += 1)) }), answerAgain: () => null };
    expect(await keys.askPerhaps<object | null>(null, request)).toEqual({
      ...{ answer: { said: '1' }, isReplayed: false },
    });
    expect([runs, disk.entries]).toEqual([1, []]);
    await done(keys.askPerhaps<object | null>(scoped('key'), request));
    expect([runs, keys.has(scoped('key'))]).toEqual([2, true]);
  });

  it('is forgotten with the person of whom its answer tells, and with nobody else', async () => {
    const telling = (said: string) => async () => (foretell({ said }), (await write()) ?? { said });
    for (const name of ['anna', 'berta']) await done(ask({ key: name, work: telling(`of ${name}`) }));
    await done(ask({ key: 'plain' }));
    expect(keys.forgetAbout(['nobody'])).toEqual([]);
    expect(keys.forgetAbout(['somebody', 'anna'])).toEqual([{ table: 'request_keys', forget: 1 }]);
    expect(['anna', 'berta', 'plain'].map((key) => keys.has(scoped(key)))).toEqual([false, true, true]);
    expect(await done(ask({ key: 'anna' }))).toMatchObject({ isReplayed: false });
  });
});
