import { describe, expect, it } from 'vitest';
import { CustomerClient } from './customer-client.ts';

interface Call {
  readonly path: string;
  readonly form: readonly (readonly [string, string])[];
}

type Answer = object | 'unreachable';

const event = (index: number): object => ({
  index,
  type: 'Message',
  from: { nickname: 'PersonP', participantId: 1, type: 'Client' },
  text: `text ${index}`,
  utcTime: 0,
});

const ok = (more: object = {}): object => ({
  statusCode: 0,
  chatEnded: false,
  chatId: 'chat',
  userId: 'user',
  secureKey: 'secret',
  alias: '1',
  messages: [],
  ...more,
});

const refusedWith = (statusCode: number, chatEnded = false): object => ({
  statusCode,
  chatEnded,
  chatId: 'chat',
  messages: [],
  errors: [{ code: 161, advice: 'A name is required.' }],
});

/** A customer whose requests get these answers, one after the other, and whose pauses pass at once, on record. */
function customerOf(...answers: readonly Answer[]): {
  customer: CustomerClient;
  calls: Call[];
  pauses: number[];
} {
  const calls: Call[] = [];
  const pauses: number[] = [];
  const left = [...answers];
  const customer = new CustomerClient({
    baseUrl: 'http://parley.test',
    service: 'customer-support',
    fetch: (url, init) => {
      calls.push({ path: new URL(url).pathname, form: [...new URLSearchParams(String(init?.body))] });
      const answer = left.shift();
      if (answer === undefined || answer === 'unreachable')
        return Promise.reject(new TypeError('fetch failed'));
      return Promise.resolve(new Response(JSON.stringify(answer)));
    },
    retry: { deadlineMs: 0 },
    scheduler: {
      after(delayMs, run) {
        // What ends a request that takes too long never fires here.
        if (delayMs > 2_000) return () => undefined;
        pauses.push(delayMs);
        queueMicrotask(run);
        return () => undefined;
      },
    },
  });
  return { customer, calls, pauses };
}

async function indexesOf(
  customer: CustomerClient,
  options: { maxFailures?: number } = {},
): Promise<number[]> {
  const indexes: number[] = [];
  for await (const { index } of customer.poll({ everyMs: 2_000, ...options })) indexes.push(index);
  return indexes;
}

const session = [
  ['userId', 'user'],
  ['secureKey', 'secret'],
  ['alias', '1'],
] as const;

describe('CustomerClient', () => {
  it('asks for a chat with a form as widgets do', async () => {
    const { customer, calls } = customerOf(ok({ nextPosition: 2 }));
    await customer.requestChat({
      nickname: 'PersonP & Co',
      text: 'ы',
      userData: { GCTI_LanguageCode: 'en', Plan: 'a=b' },
    });
    expect(calls).toEqual([
      {
        path: '/genesys/2/chat/customer-support',
        form: [
          ['nickname', 'PersonP & Co'],
          ['text', 'ы'],
          ['userData[GCTI_LanguageCode]', 'en'],
          ['userData[Plan]', 'a=b'],
        ],
      },
    ]);
    expect(customer).toMatchObject({
      chatId: 'chat',
      userId: 'user',
      secureKey: 'secret',
      alias: '1',
      nextPosition: 2,
    });
  });

  it('proves its right to the chat, with the latest alias', async () => {
    const { customer, calls } = customerOf(
      ok({ nextPosition: 2 }),
      ok({ alias: '117' }),
      ok(),
      ok({ chatEnded: true }),
    );
    await customer.requestChat({ nickname: 'P' });
    await customer.send('Hello World');
    await customer.startTyping();
    expect(customer.chatEnded).toBe(false);
    await customer.disconnect();
    expect(calls.slice(1)).toEqual([
      { path: '/genesys/2/chat/customer-support/chat/send', form: [...session, ['message', 'Hello World']] },
      {
        path: '/genesys/2/chat/customer-support/chat/startTyping',
        form: [...session.slice(0, 2), ['alias', '117']],
      },
      { path: '/genesys/2/chat/customer-support/chat/disconnect', form: session },
    ]);
    expect(customer.chatEnded).toBe(true);
  });

  it('reads on from where the last refresh ended, not from where a send left the chat', async () => {
    const { customer, calls } = customerOf(
      ok({ nextPosition: 2 }),
      ok({ nextPosition: 9 }),
      ok({ nextPosition: 4 }),
      ok(),
    );
    await customer.requestChat({ nickname: 'P' });
    await customer.send('x');
    await customer.refresh();
    await customer.refresh();
    const positions = calls.slice(2).map((call) => call.form.at(-1));
    expect(positions).toEqual([
      ['transcriptPosition', '2'],
      ['transcriptPosition', '4'],
    ]);
  });

  it('rejects with ParleyError when refused', async () => {
    const { customer } = customerOf(refusedWith(2, true));
    const expected = { name: 'ParleyError', statusCode: 2, httpStatus: 200, errorCodes: [161] };
    await expect(customer.requestChat({})).rejects.toMatchObject(expected);
    expect(customer.chatEnded).toBe(true);
    expect(() => customer.chatId).toThrow('no chat');
  });
});

describe('poll', () => {
  it('yields every event once and in order until the chat has ended', async () => {
    const { customer, pauses, calls } = customerOf(
      ok({ nextPosition: 2 }),
      ok({ messages: [event(1), event(2)], nextPosition: 3 }),
      ok({ messages: [event(2), event(5)], nextPosition: 6 }),
      ok({ messages: [], nextPosition: 8 }),
      ok({ messages: [event(9)], nextPosition: 10, chatEnded: true }),
    );
    await customer.requestChat({ nickname: 'P' });
    expect(await indexesOf(customer)).toEqual([1, 2, 5, 9]);
    expect(pauses).toEqual([2_000, 2_000, 2_000]);
    expect(calls.slice(1).map((call) => call.form.at(-1)?.[1])).toEqual(['1', '3', '6', '8']);
  });

  it('tries again while the server may recover, and gives up after so many in a row', async () => {
    const { customer } = customerOf(
      ok({ nextPosition: 2 }),
      refusedWith(1),
      'unreachable',
      ok({ messages: [event(1)], nextPosition: 2 }),
      'unreachable',
      refusedWith(1),
      'unreachable',
    );
    await customer.requestChat({ nickname: 'P' });
    const seen: number[] = [];
    await expect(async () => {
      for await (const { index } of customer.poll({ everyMs: 1, maxFailures: 2 })) seen.push(index);
    }).rejects.toThrow(TypeError);
    expect(seen).toEqual([1]);
  });

  it('ends at once when trying again is no use', async () => {
    const { customer, pauses } = customerOf(ok({ nextPosition: 2 }), refusedWith(2));
    await customer.requestChat({ nickname: 'P' });
    await expect(indexesOf(customer)).rejects.toMatchObject({ statusCode: 2 });
    expect(pauses).toEqual([]);
  });

  it('ends when its signal aborts', async () => {
    const { customer } = customerOf(ok({ nextPosition: 2 }), ok({ messages: [event(1)], nextPosition: 2 }));
    await customer.requestChat({ nickname: 'P' });
    const aborter = new AbortController();
    for await (const { index } of customer.poll({ everyMs: 1, signal: aborter.signal })) {
      expect(index).toBe(1);
      aborter.abort();
    }
  });
});
