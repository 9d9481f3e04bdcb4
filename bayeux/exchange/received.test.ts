import { expect, it } from 'vitest';
import { clientMessage } from './received.ts';

it.each([
  ['a text', '7', '7'],
  ['a number', 7, 7],
  ['anything else', { n: 7 }, undefined],
  ['nothing', undefined, undefined],
])('policies see %s as the id of a message', (_, id, seen) => {
  const message = { id, data: 1, ext: 'none' };
  expect(clientMessage({ message, channel: '/a', idJson: undefined })).toEqual({
    ...{ channel: '/a', id: seen, data: 1, ext: {} },
  });
});
