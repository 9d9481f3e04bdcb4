import { afterEach, expect, it } from 'vitest';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import { found, foundInFiles, maskingOf, playSecrets, readBack, receivedBy } from './secret-story.ts';

/** The story is long, and the machine may be busy. */
const longMs = 90_000;
let box: ServerInABox<ManualClock> | undefined;
afterEach(async () => {
  await box?.stop();
  box = undefined;
});

async function stage(applyTo: 'always' | 'history') {
  box = await startServer({ config: { masking: maskingOf(applyTo) } });
  const [marat, kristi] = [box.agent('marat'), box.agent('kristi')];
  await marat.goToWork();
  await kristi.goToWork('NotReady');
  await kristi.setState('Ready');
  return { box, marat, kristi };
}

it(
  'what a rule always masks is nowhere: not with agents, customers, in lists, transcripts, the log or the files',
  async () => {
    const { box: server, marat, kristi } = await stage('always');
    const played = await playSecrets({ box: server, marat, kristi });
    const recorders = [marat, kristi, ...played.customers].map(({ recorder }) => recorder);
    const received = receivedBy(recorders);
    const read = await readBack(marat, played);
    expect(received.length).toBeGreaterThan(100);
    expect(JSON.stringify(received)).toContain('***');
    expect(received.flatMap(found)).toEqual([]);
    expect(read.flatMap(found)).toEqual([]);
    expect(server.logged.flatMap(found)).toEqual([]);
    expect(await foundInFiles(server.dataFolder)).toEqual([]);
    await server.restart();
    expect(await foundInFiles(server.dataFolder)).toEqual([]);
  },
  longMs,
);

it(
  'what is masked in history is read live, and afterwards is nowhere',
  async () => {
    const { box: server, marat, kristi } = await stage('history');
    const played = await playSecrets({ box: server, marat, kristi });
    expect(receivedBy([marat.recorder, kristi.recorder]).flatMap(found).length).toBeGreaterThan(50);
    const read = await readBack(marat, played);
    expect(read.flatMap(found)).toEqual([]);
    expect(server.logged.flatMap(found)).toEqual([]);
    // Within the bound the live words may still stand in the journal; a restart does not wait for it.
    await server.restart();
    expect(await foundInFiles(server.dataFolder)).toEqual([]);
  },
  longMs,
);
