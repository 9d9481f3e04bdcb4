import fc, { array, double, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { nextStage, type OverloadStage } from './overload-stage.ts';

function walk(shares: readonly number[], limits = { chats: 1, messages: 2 }): OverloadStage[] {
  let stage: OverloadStage = 'Normal';
  return shares.map((load) => {
    stage = nextStage(stage, { toNewChats: load / limits.chats, toNewMessages: load / limits.messages }, 0.8);
    return stage;
  });
}

test('new chats stop at the limit and come back at 80 % of it', () => {
  expect(walk([0.99, 1, 0.9, 0.8, 0.79, 0.99])).toEqual([
    'Normal',
    'NoNewChats',
    'NoNewChats',
    'NoNewChats',
    'Normal',
    'Normal',
  ]);
});

test('messages stop at a limit of their own, after new chats, and come back before them', () => {
  expect(walk([1, 1.99, 2, 1.7, 1.6, 1.5, 0.8, 0.7])).toEqual([
    'NoNewChats',
    'NoNewChats',
    'NoNewMessages',
    'NoNewMessages',
    'NoNewMessages',
    'NoNewChats',
    'NoNewChats',
    'Normal',
  ]);
});

test('a sudden jump goes through all stages at once, in both directions', () => {
  expect(walk([5, 0])).toEqual(['NoNewMessages', 'Normal']);
});

test('beyond a limit nothing passes, far below everything does, whatever was before', () => {
  const share = double({ min: 0, max: 3, noNaN: true });
  fc.assert(
    property(array(record({ toNewChats: share, toNewMessages: share })), (loads) => {
      let stage: OverloadStage = 'Normal';
      for (const load of loads) {
        stage = nextStage(stage, load, 0.8);
        if (load.toNewMessages >= 1) expect(stage).toBe('NoNewMessages');
        if (load.toNewMessages < 0.8) expect(stage).not.toBe('NoNewMessages');
        if (load.toNewChats >= 1) expect(stage).not.toBe('Normal');
        if (load.toNewChats < 0.8 && load.toNewMessages < 0.8) expect(stage).toBe('Normal');
      }
    }),
  );
});
