import { scryptSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { HashQueue } from './hash-queue.ts';
import { defaultCost, formatPasswordHash, parsePasswordHash, type PasswordHash } from './password-hash.ts';
import { hashPassword, Passwords, type Account } from './passwords.ts';
import { cheapCost, kristi, marat, seededRandom } from './test-parts.ts';

const random = seededRandom('passwords');

function passwordsOf(accounts: readonly Account[], maxWaiting = 100): Passwords {
  return new Passwords({
    accounts,
    random,
    queue: new HashQueue({ parallel: 1, maxWaiting }),
    cost: cheapCost,
  });
}

/** A queue that counts what it is asked for. */
class CountingQueue extends HashQueue {
  readonly asked: string[] = [];
  override run(input: Parameters<HashQueue['run']>[0]): Promise<Buffer> | null {
    this.asked.push(`${input.cost.N}/${input.cost.r}/${input.cost.p}/${input.length}`);
    return super.run(input);
  }
}

describe('a password hash', () => {
  const stored: PasswordHash = {
    N: 2 ** 15,
    r: 8,
    p: 1,
    salt: Buffer.alloc(16, 1),
    hash: Buffer.alloc(32, 2),
  };

  it('is written and read back', () => {
    expect(parsePasswordHash(formatPasswordHash(stored))).toEqual(stored);
  });

  it('is what scrypt makes of the password', async () => {
    const queue = new HashQueue({ parallel: 1, maxWaiting: 0 });
    const made = await hashPassword('demo', { random, queue });
    const { N, r, p } = defaultCost;
    expect(made.hash).toEqual(scryptSync('demo', made.salt, 32, { N, r, p, maxmem: 2 ** 26 }));
    expect(made.salt).toHaveLength(16);
  });

  it.each([
    '',
    'demo',
    'scrypt$32768$8$1$AAAA',
    formatPasswordHash({ ...stored, N: 32767 }),
    formatPasswordHash({ ...stored, N: 4096 }),
    formatPasswordHash({ ...stored, N: 2 ** 19 }),
    formatPasswordHash({ ...stored, r: 0 }),
    formatPasswordHash({ ...stored, p: 0 }),
    formatPasswordHash({ ...stored, p: 99 }),
    formatPasswordHash({ ...stored, salt: Buffer.alloc(15) }),
    formatPasswordHash({ ...stored, hash: Buffer.alloc(31) }),
    formatPasswordHash(stored).replace('32768', '-32768'),
    formatPasswordHash(stored).replace('32768', '3.2e4'),
    formatPasswordHash(stored).replace('scrypt', 'bcrypt'),
  ])('%j is refused with a sentence', (text) => {
    expect(typeof parsePasswordHash(text)).toBe('string');
  });
});

describe('passwords', () => {
  it('are right, wrong, or of nobody', async () => {
    const passwords = passwordsOf([
      { id: marat, userName: 'marat', password: 'demo' },
      { id: kristi, userName: 'kristi', password: 'Пароль🔑' },
    ]);
    expect(await passwords.verify('marat', 'demo')).toBe(marat);
    expect(await passwords.verify('kristi', 'Пароль🔑')).toBe(kristi);
    for (const [userName, password] of [
      ['marat', 'Demo'],
      ['marat', ''],
      ['marat', 'Пароль🔑'],
      ['Marat', 'demo'],
      ['nobody', 'demo'],
      ['__proto__', 'demo'],
    ] as const) {
      expect(await passwords.verify(userName, password)).toBeNull();
    }
  });

  it('are checked against a stored hash', async () => {
    const queue = new HashQueue({ parallel: 1, maxWaiting: 1 });
    const cost = { N: 2 ** 14, r: 8, p: 1 };
    const passwordHash = formatPasswordHash(await hashPassword('secret', { random, queue, cost }));
    const passwords = passwordsOf([{ id: marat, userName: 'marat', passwordHash }]);
    expect(await passwords.verify('marat', 'secret')).toBe(marat);
    expect(await passwords.verify('marat', 'Secret')).toBeNull();
  });

  it('cost the same for an unknown name', async () => {
    const queue = new CountingQueue({ parallel: 1, maxWaiting: 9 });
    const accounts = [{ id: marat, userName: 'marat', password: 'demo' }];
    const passwords = new Passwords({ accounts, random, queue, cost: { N: 4, r: 2, p: 3 } });
    await passwords.verify('marat', 'wrong');
    await passwords.verify('nobody', 'wrong');
    expect(queue.asked).toEqual(['4/2/3/32', '4/2/3/32']);
  });

  it('cost an unknown name what one of the accounts costs, always the same one', async () => {
    const queue = new CountingQueue({ parallel: 1, maxWaiting: 9 });
    const hash = formatPasswordHash({
      N: 2 ** 14,
      r: 1,
      p: 1,
      salt: Buffer.alloc(16),
      hash: Buffer.alloc(32),
    });
    const accounts = [
      { id: marat, userName: 'marat', password: 'demo' },
      { id: kristi, userName: 'kristi', passwordHash: hash },
    ];
    const passwords = new Passwords({ accounts, random, queue, cost: cheapCost });
    for (let n = 0; n < 40; n++) await passwords.verify(`nobody${n % 20}`, 'x');
    expect(new Set(queue.asked)).toEqual(new Set(['2/1/1/32', '16384/1/1/32']));
    expect(queue.asked.slice(0, 20)).toEqual(queue.asked.slice(20));
  });

  it('are not checked when too many wait', async () => {
    const passwords = passwordsOf([{ id: marat, userName: 'marat', password: 'demo' }], 2);
    const verdicts = await Promise.all(Array.from({ length: 5 }, () => passwords.verify('marat', 'demo')));
    expect(verdicts).toEqual([marat, marat, marat, 'Busy', 'Busy']);
    expect(await passwords.verify('marat', 'demo')).toBe(marat);
  });

  it('given in the clear are hashed by nobody in advance, and cost what a hash costs', async () => {
    const queue = new CountingQueue({ parallel: 1, maxWaiting: 9 });
    const accounts = [{ id: marat, userName: 'marat', password: 'demo' }];
    const passwords = new Passwords({ accounts, random, queue });
    expect(queue.asked).toEqual([]);
    expect(await passwords.verify('marat', 'Demo')).toBeNull();
    expect(await passwords.verify('marat', 'demo')).toBe(marat);
    const { N, r, p } = defaultCost;
    expect(queue.asked).toEqual([`${N}/${r}/${p}/32`, `${N}/${r}/${p}/32`]);
  });

  it('of somebody who may not sign in are right for nobody', async () => {
    const passwords = passwordsOf([{ id: marat, userName: 'marat', password: 'demo' }]);
    passwords.put({ id: marat, userName: 'marat', enabled: false });
    expect(await passwords.verify('marat', 'demo')).toBeNull();
    passwords.put({ id: marat, userName: 'marat', enabled: true });
    expect(await passwords.verify('marat', 'demo')).toBe(marat);
  });

  it('can be nobody at all', async () => {
    expect(await passwordsOf([]).verify('marat', 'demo')).toBeNull();
  });
});

describe('the hash queue', () => {
  it('goes on after a hash that failed', async () => {
    const queue = new HashQueue({ parallel: 1, maxWaiting: 1 });
    const input = { password: 'x', salt: Buffer.alloc(16), length: 32, cost: cheapCost };
    const bad = queue.run({ ...input, cost: { N: 3, r: 1, p: 1 } });
    const good = queue.run(input);
    expect(queue.run(input)).toBeNull();
    await expect(bad).rejects.toThrow('Invalid scrypt params');
    expect(await good).toHaveLength(32);
  });

  it('keeps the event loop free', async () => {
    const queue = new HashQueue({ parallel: 2, maxWaiting: 10 });
    const input = { password: 'x', salt: Buffer.alloc(16), length: 32, cost: defaultCost };
    let turns = 0;
    let running = true;
    const turn = (): void => {
      turns++;
      if (running) setImmediate(turn);
    };
    setImmediate(turn);
    await Promise.all([1, 2, 3, 4].map(() => queue.run(input)));
    running = false;
    expect(turns).toBeGreaterThan(100);
  });
});
