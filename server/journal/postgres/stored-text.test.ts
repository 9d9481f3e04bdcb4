import fc from 'fast-check';
import { expect, test } from 'vitest';
import { restored, storable } from './stored-text.ts';

test('any text comes back, and what is stored is something that PostgreSQL takes', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom('a', '0', 'd800', '\0', '\u001a', '\ud800', '\udc00'))
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(anyText, (text) => {
      const stored = storable(text);
      expect(restored(stored)).toBe(text);
      expect(stored.isWellFormed() && !stored.includes('\0')).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('two texts are never stored alike, and usual ones as they are', () => {
  const texts = ['a\0', 'a\u001a0', 'a\u001a\u001a0', 'a\ud800', 'a\u001ad800'];
  expect(new Set(texts.map(storable)).size).toBe(texts.length);
  expect(storable("Zoë O'Neil \\ 😀\n")).toBe("Zoë O'Neil \\ 😀\n");
});
