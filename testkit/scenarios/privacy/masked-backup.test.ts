import { runCommand } from '@parley/server/commands/run-command.ts';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import { foundInFiles, maskingOf, playSecrets, secrets } from './secret-story.ts';

// What of masked words stands in the files that `parley backup` makes while the server runs.

/** The story is long, and the machine may be busy. */
const longMs = 90_000;
let folder: string;
let box: ServerInABox<ManualClock> | undefined;
let backups: number;

beforeEach(async () => {
  // Of its own, so that the store is the embedded one.
  folder = await mkdtemp(join(tmpdir(), 'parley-masked-'));
  backups = 0;
});
afterEach(async () => {
  await box?.stop();
  box = undefined;
  await rm(folder, { recursive: true });
});

/** The pieces of secrets in a backup that is taken now, which verifies. */
async function foundInBackup(server: ServerInABox<ManualClock>): Promise<readonly string[]> {
  const place = join(folder, `backup-${(backups += 1)}`);
  await mkdir(place);
  const said: string[] = [];
  const exitCode = await runCommand({
    args: ['backup', '--data-folder', server.dataFolder, '--to', join(place, 'copy.db')],
    env: {},
    print: (text) => void said.push(text),
    printError: (text) => void said.push(text),
  });
  expect([exitCode, said.join('')]).toEqual([0, expect.stringContaining('no problem')]);
  return foundInFiles(place);
}

/** Every way to tell secrets, in chats that are over, and one chat that goes on. */
async function stage(applyTo: 'always' | 'history') {
  const dataFolder = join(folder, 'data');
  box = await startServer({ config: { masking: maskingOf(applyTo) }, dataFolder });
  const [marat, kristi] = [box.agent('marat'), box.agent('kristi')];
  await marat.goToWork();
  await kristi.goToWork('NotReady');
  await kristi.setState('Ready');
  await playSecrets({ box, marat, kristi });
  const customer = box.customer();
  await customer.requestChat({ nickname: 'PersonP', text: secrets, subject: secrets });
  await customer.send(secrets);
  return { server: box, customer };
}

it(
  'what a rule always masks is in no backup, nor in that of a chat that goes on',
  async () => {
    const { server } = await stage('always');
    expect(await foundInBackup(server)).toEqual([]);
  },
  longMs,
);

it(
  'what is masked in history is in the backup of a live chat only, and in none once the journal was cleared',
  async () => {
    const { server, customer } = await stage('history');
    expect(await foundInBackup(server)).not.toEqual([]);
    await customer.disconnect();
    // At its stop the server clears the journal of live words, whatever is left of the two minutes.
    await server.restart();
    expect(await foundInBackup(server)).toEqual([]);
    expect(await foundInFiles(server.dataFolder)).toEqual([]);
  },
  longMs,
);
