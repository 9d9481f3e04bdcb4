import type { ExtraWrites } from './chat-book.ts';

/** The rows of several books; each is told of all that were written and picks its own. */
export function joinedWrites(books: readonly ExtraWrites[]): ExtraWrites {
  const [only] = books;
  if (only && books.length === 1) return only;
  return {
    writesFor: (stored, after) => books.flatMap((book) => book.writesFor(stored, after)),
    took(writes) {
      for (const book of books) book.took?.(writes);
    },
    durable(writes) {
      for (const book of books) book.durable?.(writes);
    },
  };
}
