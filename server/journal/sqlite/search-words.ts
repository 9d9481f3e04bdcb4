import { wordsOf } from '../words.ts';

/**
 * A full-text query that asks for every word of the text, whatever the text contains: each word is quoted, so none of
 * FTS5's operators can occur. Words after the 32nd are left out. Null when the text has no word in it.
 */
export function searchWords(text: string): string | null {
  const words = wordsOf(text);
  return words.length === 0 ? null : words.map((word) => `"${word}"`).join(' ');
}

/** The same, and each word may be a beginning. */
export function searchBeginnings(text: string): string | null {
  const words = wordsOf(text);
  return words.length === 0 ? null : words.map((word) => `"${word}" *`).join(' ');
}

/** Asks for the words next to each other in this order, the last of which may be a beginning. */
export function searchPhrase(text: string): string | null {
  const words = wordsOf(text);
  return words.length === 0 ? null : `"${words.join(' ')}" *`;
}
