const maxWords = 32;

/**
 * A full-text query that asks for every word of the text, whatever the text contains: each word is quoted, so none of
 * FTS5's operators can occur. Words after the 32nd are left out. Null when the text has no word in it.
 */
export function searchWords(text: string): string | null {
  const words = text.split(/[^\p{L}\p{N}\p{M}\p{Co}]+/u).filter((word) => /[\p{L}\p{N}\p{Co}]/u.test(word));
  if (words.length === 0) return null;
  return words
    .slice(0, maxWords)
    .map((word) => `"${word}"`)
    .join(' ');
}
