import { expect, it } from 'vitest';
import { SpecEngine } from '../exchange/spec-engine.ts';

// A page that is reloaded keeps its clientId and goes on with a connect that asks for an answer at once. For the server
// that is a connect like any other: what counts is that the session, its subscriptions and its queue outlive the page.
it('goes on with the session of the page before: nothing lost, nothing twice', () => {
  const engine = new SpecEngine();
  const session = engine.connected();
  engine.subscribe(session, '/a');
  const ofOldPage = engine.connect(session);
  const ofNewPage = engine.connect(session, { id: '1', advice: { timeout: 0 } });
  engine.publish('/a', 1);
  expect([ofOldPage.isSuperseded, ofOldPage.reply]).toEqual([true, undefined]);
  expect(ofNewPage.reply).toEqual([
    {
      id: '1',
      channel: '/meta/connect',
      successful: true,
      advice: { reconnect: 'retry', interval: 0, timeout: 25_000 },
    },
  ]);
  expect(engine.connect(session).reply).toEqual([
    { channel: '/a', data: 1 },
    { channel: '/meta/connect', successful: true },
  ]);
});
