import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertCarriesPage, foundingPage } from './founding-page.ts';
import { playFoundingPage, storyNames, type Received } from './founding-story.ts';
import { startServer, type ServerInABox } from './server-in-a-box.ts';
import { SnapshotNames } from './snapshot.ts';
import type { ManualClock } from './manual-clock.ts';

describe.each(['/api/v2/notifications', '/genesys/cometd'] as const)('the founding page over %s', (mount) => {
  let box: ServerInABox<ManualClock> | undefined;
  let received: Received;
  const page = foundingPage(storyNames);

  beforeAll(async () => {
    box = await startServer();
    received = await playFoundingPage({
      customer: box.customer(),
      earlierAgent: box.agent('marat', { mount }),
      agent: box.agent('kristi', { mount }),
      narrate: () => undefined,
    });
  });
  afterAll(() => box?.stop());

  it.each(['reply', 'statusChange', 'participantsUpdated', 'messageLogUpdated'] as const)('%s', (payload) => {
    assertCarriesPage(received[payload], page[payload]);
    const names = new SnapshotNames();
    names.forSnapshot(received);
    expect(names.forSnapshot(received[payload])).toMatchSnapshot();
  });

  it('puts the notifications in the order of the page', () => {
    expect(received.order).toEqual(['StatusChange', 'ParticipantsUpdated', 'NewMessages']);
  });

  it('tells the customer the same story', () => {
    const told = received.customerEvents.map(({ index, type, from }) => `${index} ${type} ${from.nickname}`);
    expect(told).toMatchSnapshot();
    expect(received.chatEnded).toBe(true);
  });
});
