import { chatOperations as onTheWire } from '@parley/contract/gws/chat-operations.ts';
import { chatOperations as inTheDomain } from '@parley/server/domain/capabilities.ts';
import { expect, it } from 'vitest';

it('knows the same operations on the wire and in the domain; one of them is a route, for it carries a file', () => {
  expect([...Object.keys(onTheWire), 'UploadFile'].toSorted()).toEqual(Object.keys(inTheDomain).toSorted());
});
