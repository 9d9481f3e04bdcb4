import Type from 'typebox';
import { bounds } from '../bounds.ts';
import { CountParameter, parseParameters, type Parameters } from '../parameters.ts';
import type { Refusal } from '../refusals.ts';

const list = (description: string) =>
  Type.Optional(Type.String({ maxLength: bounds.uriLength, description }));

const fields = list('`*`, or names of fields separated by commas.');

/** `GET /me`: without either only the user's own fields are answered (gws-agent-api §1.3). */
export const MeQuery = Type.Object({
  subresources: list('`*`, or names of subresources separated by commas: `features,channels`.'),
  fields,
});

/** A collection: with `fields` the items are answered, without it only their URIs (gws-agent-api §1.3). */
export const CollectionQuery = Type.Object({ fields });

/** A part of the message log: `count` entries from index `startIndex` on; all without (gws-agent-api §4.21). */
export const MessagesQuery = Type.Object({
  startIndex: Type.Optional(CountParameter),
  count: Type.Optional(CountParameter),
});

/** Reads the declared parameters of a query string; others are ignored. Refused as `InvalidParameter`. */
export function parseQuery<Schema extends Type.TObject>(
  schema: Schema,
  query: Readonly<Record<string, unknown>>,
): Parameters<Schema> | Refusal {
  return parseParameters(schema, query, { emptyIsAbsent: true });
}
