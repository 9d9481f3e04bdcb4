import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHash, scryptSync } from 'node:crypto';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import { openSide } from './sides.ts';

// Services that are protected by HTTP Basic (gms-customer-api §7), by a password in the clear and by a hash.

const salt = createHash('md5').update('salt').digest();
const cost = { N: 2 ** 14, r: 8, p: 1 };
const hash = scryptSync('secret', salt, 32, cost);
const accounts = {
  clear: { userName: 'widget', password: 'secret' },
  hashed: {
    userName: 'widget',
    passwordHash: `scrypt$${cost.N}$8$1$${salt.toString('base64')}$${hash.toString('base64')}`,
  },
};

let box: ServerInABox<ManualClock>;
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

async function post(path: string, body: string, authorization?: string): Promise<Record<string, unknown>> {
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    ...(authorization ? { authorization } : {}),
  };
  const url = `${box.baseUrl}/genesys/2/chat/customer-support${path}`;
  return (await (await fetch(url, { method: 'POST', headers, body })).json()) as Record<string, unknown>;
}

for (const name of ['clear', 'hashed'] as const) {
  const basicAuth = accounts[name];
  let opened: ServerInABox<ManualClock>;
  beforeAll(async () => {
    opened = await startServer({
      config: { services: [{ name: 'customer-support', queue: 'support', basicAuth }] },
    });
  });
  afterAll(() => opened?.stop());

  it(`with a ${name} password wants it from whoever opens a chat; then the secure key does`, async () => {
    box = opened;
    const refused = { statusCode: 2, errors: [{ code: 111 }] };
    expect(await post('', 'nickname=P')).toMatchObject(refused);
    for (const wrong of ['widget:Secret', 'Widget:secret', 'widget:', ':secret'])
      expect(await post('', 'nickname=P', basic(wrong))).toMatchObject(refused);
    const reply = await post('', 'nickname=P', basic('widget:secret'));
    expect(reply).toMatchObject({ statusCode: 0 });
    const refresh = `secureKey=${String(reply['secureKey'])}`;
    expect(await post(`/${String(reply['chatId'])}/refresh`, refresh)).toMatchObject({ statusCode: 0 });
    expect(await post('', 'nickname=P', basic('widget:wrong'))).toMatchObject(refused);
  });

  it(`with a ${name} password takes it as \`auth\` over CometD, in both forms`, async () => {
    const encoded = Buffer.from('widget:secret').toString('base64');
    for (const [auth, statusCode] of [
      [undefined, 2],
      [{ username: 'widget', password: 'wrong' }, 2],
      [{ username: 'widget', password: 'secret' }, 0],
      [{ encoded }, 0],
      [{ encoded: 'AAAA' }, 2],
    ] as const) {
      const side = await openSide('CometD long-polling', opened.baseUrl);
      expect(await side.open({ nickname: 'P', auth })).toMatchObject({ statusCode });
      await side.close();
    }
  });
}
