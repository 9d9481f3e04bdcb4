import { parse } from 'node:querystring';
import { expect, test } from 'vitest';
import { messageField, scanMessages } from './orders.ts';

test('every message is found in what an agent is told', () => {
  const texts = [messageField(1_234_567, 1), messageField(2_345_678, 12)].map(
    (field) => parse(`m=${field}`).m,
  );
  const found: number[][] = [];
  scanMessages(
    JSON.stringify([{ messages: texts.map((text) => ({ index: 1, text, more: '~' })) }]),
    (...one) => found.push(one),
  );
  expect(found).toEqual([
    [1_234_567, 1],
    [2_345_678, 12],
  ]);
});
