import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { demoPassword } from '@parley/server/config/demo.ts';
import { ask } from '../../ask.ts';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import { found, playSecrets } from './secret-story.ts';

/** The story is long, and the machine may be busy. */
const longMs = 90_000;
let box: ServerInABox<ManualClock>;
afterEach(() => box.stop());

/** Everything is asked once, refusals among it; then the store is broken and answers with errors that quote. */
async function play() {
  box = await startServer();
  const [marat, kristi] = [box.agent('marat'), box.agent('kristi')];
  await marat.goToWork();
  await kristi.goToWork('NotReady');
  await kristi.setState('Ready');
  const played = await playSecrets({ box, marat, kristi });
  for (const customer of played.customers)
    await expect(customer.send('4111 1111 1111 1111')).rejects.toThrow(/POST/);
  const wrong = box.agent('marat', { password: 'Wr0ng-4111' });
  await expect(wrong.signIn()).rejects.toThrow('Access denied');
  const db = new DatabaseSync(join(box.dataFolder, 'parley.db'));
  db.exec('DROP TABLE archive_text; DROP TABLE contact_text');
  db.close();
  const search = 'text=K-12345678&emailAddress=k-12345678%40x.example';
  for (const path of [`/api/v2/ucs/interactions?text=12345678`, `/api/v2/ucs/contacts?${search}`])
    expect((await ask(marat, box.baseUrl, ['GET', path])).httpStatus).toBe(500);
  return played.customers.map(({ secureKey }) => secureKey);
}

it(
  'holds nothing that people wrote or that opens anything, at its most talkative and with errors',
  async () => {
    const secureKeys = await play();
    const log = box.logged.join('\n');
    expect(box.takeErrors()).toHaveLength(2);
    expect(found(log)).toEqual([]);
    for (const secret of [...secureKeys, demoPassword, 'Wr0ng-4111', 'example.com', 'x.example'])
      expect(log).not.toContain(secret);
  },
  longMs,
);

it('holds it when it is asked for', async () => {
  box = await startServer({ config: { log: { messageText: true } } });
  const customer = box.customer();
  await customer.requestChat({ nickname: 'PersonP' });
  await customer.send('K-12345678');
  expect(found(box.logged.join('\n'))).toHaveLength(1);
});
