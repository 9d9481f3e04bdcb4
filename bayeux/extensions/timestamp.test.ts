import { expect, it } from 'vitest';
import { SpecEngine } from '../exchange/spec-engine.ts';

const timestamp = 'Tue, 14 Nov 2023 22:30:00 GMT';

it('puts the date on everything that goes out', () => {
  const engine = new SpecEngine({ timestamps: true });
  const session = engine.handshake();
  const sent = [
    engine.send({ channel: '/meta/handshake' }),
    engine.connect(session),
    engine.subscribe(session, '/a'),
    engine.send({ channel: '/a', clientId: session.id, data: 1 }),
    engine.send({ channel: '/meta/unsubscribe', clientId: session.id, subscription: '/a' }),
    engine.send({ channel: '/meta/foo', clientId: session.id }),
    engine.send({ channel: '/meta/disconnect', clientId: session.id }),
    engine.connect(session),
  ].flatMap((request) => request.reply ?? []);
  expect(sent.length).toBe(9);
  for (const message of sent) expect(message).toMatchObject({ timestamp });
});

it('ignores the dates of clients, and adds none where it is off', () => {
  const engine = new SpecEngine();
  const [reply] = engine.send({ channel: '/meta/handshake', timestamp: 'yesterday' }).reply ?? [];
  expect(reply).not.toHaveProperty('timestamp');
});
