const maxWords = 32;

/** Whatever is no letter, number or accent stands between words. */
const between = /[^\p{L}\p{N}\p{M}\p{Co}]+/u;

function isWord(piece: string): boolean {
  return /[\p{L}\p{N}\p{Co}]/u.test(piece);
}

/** All words of a text, as they are written. */
export function everyWord(text: string): readonly string[] {
  return text.split(between).filter(isWord);
}

/** The words of a search text, at most 32 of them: what stands between is no letter, number or accent. */
export function wordsOf(text: string): readonly string[] {
  return everyWord(text).slice(0, maxWords);
}

/** Characters of a word that are looked at: an index takes no longer ones. */
const maxWordLength = 200;

/**
 * All words of a text without case and without the accents of Latin, Greek and Cyrillic letters, in their order. Words
 * longer than 200 characters are cut.
 */
export function foldedWords(text: string): readonly string[] {
  const folded = text
    .normalize('NFD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .toLowerCase();
  return folded
    .split(between)
    .filter(isWord)
    .map((word) => word.slice(0, maxWordLength).toWellFormed());
}
