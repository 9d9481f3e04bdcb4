import { chatOperations as onTheWire } from '@parley/contract/gws/chat-operations.ts';
import { chatOperations as inTheDomain } from '@parley/server/domain/capabilities.ts';
import { expect, it } from 'vitest';

it('knows the same operations on the wire and in the domain', () => {
  expect(Object.keys(onTheWire).toSorted()).toEqual(Object.keys(inTheDomain).toSorted());
});
