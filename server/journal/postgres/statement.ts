import { storable } from './stored-text.ts';

export type StatementValue = string | number | null | readonly string[] | readonly number[];

/** A statement as it is prepared once a connection, by its name, and run with values. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly StatementValue[];
}

/** Makes the statements of one text, each with its values. Names are unique in a process. */
export function statement(name: string, text: string): (...values: readonly StatementValue[]) => Statement {
  return (...values) => ({ name, text, values });
}

function quoted(item: string | number): string {
  return typeof item === 'number'
    ? String(item)
    : `"${storable(item).replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** The value as PostgreSQL's protocol takes it: its text, or null. */
export function wireValue(value: StatementValue): string | null {
  if (value === null) return null;
  if (typeof value === 'object') return `{${value.map(quoted).join(',')}}`;
  return typeof value === 'number' ? String(value) : storable(value);
}
