import type { ContactRow, ContactSearch } from '../journal.ts';
import { foldedWords, wordsOf } from '../words.ts';

/** The weights by which the words of a profile's fields are told apart. */
const weights = { name: 'A', emailAddress: 'B', phoneNumber: 'C' } as const;
type Field = keyof typeof weights;

/** PostgreSQL's text search looks at no more positions. */
const maxPositions = 16_000;

function digitsOf(phoneNumber: string): string {
  return phoneNumber.replaceAll(/\D/g, '');
}

/** What a profile is found by, as a `tsvector`: each word with its place and the weight of its field. */
export function contactVector(
  row: Pick<ContactRow, 'firstName' | 'lastName' | 'emailAddress' | 'phoneNumber'>,
): string {
  const fields: readonly (readonly [Field, string])[] = [
    ['name', `${row.firstName ?? ''} ${row.lastName ?? ''}`],
    ['emailAddress', row.emailAddress ?? ''],
    ['phoneNumber', digitsOf(row.phoneNumber ?? '')],
  ];
  const words = fields.flatMap(([field, text]) =>
    foldedWords(text).map((word) => [lexeme(word), weights[field]] as const),
  );
  return words
    .slice(0, maxPositions)
    .map(([word, weight], position) => `${word}:${position + 1}${weight}`)
    .join(' ');
}

/** The search as a `tsquery`; undefined when everybody is asked for, null when nobody can match. */
export function contactQuery(search: ContactSearch): string | null | undefined {
  const { name, emailAddress, phoneNumber, text } = search;
  const parts = [
    ...(name === undefined ? [] : [beginnings(name, weights.name)]),
    ...(emailAddress === undefined ? [] : [phrase(emailAddress, weights.emailAddress)]),
    ...(phoneNumber === undefined ? [] : [phrase(digitsOf(phoneNumber), weights.phoneNumber)]),
    ...(text === undefined ? [] : [beginnings(text, '')]),
  ];
  if (parts.length === 0) return undefined;
  return parts.includes(null) ? null : parts.map((part) => `(${part})`).join(' & ');
}

function searched(text: string): readonly string[] {
  return wordsOf(text).flatMap(foldedWords).map(lexeme);
}

/** Every word, each of which may be a beginning. */
function beginnings(text: string, weight: string): string | null {
  const words = searched(text);
  return words.length === 0 ? null : words.map((word) => `${word}:*${weight}`).join(' & ');
}

/** The words next to each other in this order, the last of which may be a beginning. */
function phrase(text: string, weight: string): string | null {
  const words = searched(text);
  const last = words.at(-1);
  if (last === undefined) return null;
  return [...words.slice(0, -1).map((word) => `${word}:${weight}`), `${last}:*${weight}`].join(' <-> ');
}

/** A word consists of letters, numbers and accents: nothing in it ends the quotes. */
function lexeme(word: string): string {
  return `'${word}'`;
}
