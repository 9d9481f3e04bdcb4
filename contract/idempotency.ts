import Type from 'typebox';
import { refuse, type Refusal } from './refusals.ts';
import type { Route, RouteKey } from './routes.ts';

/** The header by which a client names a request, so that it can send it again (IETF draft Idempotency-Key). */
export const idempotencyKeyHeader = 'Idempotency-Key';

/** `true` on an answer that stands for an earlier request with the same key; ours. */
export const replayedHeader = 'Idempotent-Replayed';

const idempotencyKeyLength = { min: 1, max: 255 } as const;

/**
 * Whoever opens a chat is nobody yet: the key alone says that a repetition comes from the same client, and the answer
 * holds the secret of the chat. So it must be too long to be tried out.
 */
export const openingKeyMinLength = 16;

/** A key as it stands in the header or, over CometD, in the field `idempotencyKey`. */
export const IdempotencyKey = Type.String({
  title: 'IdempotencyKey',
  minLength: idempotencyKeyLength.min,
  // Quotes and escapes included.
  maxLength: 2 * idempotencyKeyLength.max + 2,
  pattern: '^[\\u0020-\\u007e]+$',
  description:
    'Names this request: sent again with the same key it is answered again and not carried out again. 1 to 255 visible ' +
    `characters, ${openingKeyMinLength} at least to open a chat; best a UUID. With or without quotation marks.`,
});

/**
 * Reads a key: as it is, or as the string of structured headers that the draft asks for (`"…"`, with `\"` and `\\`),
 * which means the same. Refused as `InvalidParameter` when it is none or has fewer than `minLength` characters.
 */
export function parseIdempotencyKey(
  given: string,
  minLength: number = idempotencyKeyLength.min,
): string | Refusal {
  const text = given.trim();
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(text)?.[1];
  const key = quoted === undefined ? text : quoted.replaceAll(/\\(["\\])/g, '$1');
  const isVisible = /^[\u0021-\u007e]*$/.test(key) && (quoted !== undefined || !text.startsWith('"'));
  if (isVisible && key.length >= minLength && key.length <= idempotencyKeyLength.max) return key;
  return refuse(
    'InvalidParameter',
    `The idempotency key must have ${minLength} to ${idempotencyKeyLength.max} visible characters.`,
  );
}

/** The requests that change nothing, or nothing the second time: they may be repeated without a key. */
const repeatable: ReadonlySet<RouteKey> = new Set<RouteKey>([
  'operateResponseTemplate',
  'getRootCategories',
  'getApprovedRootCategories',
  'operateWorkbin',
  'identifyContact',
  'retrieveContactHistory',
  'retrieveHistory',
  'retrieveInteraction',
  'dryRunRouting',
  'customerRefresh',
  'customerFileLimits',
]);

/** Whether a route takes note of an idempotency key. Where bytes go through as they come, uploads have one. */
export function takesIdempotencyKey(
  key: RouteKey,
  { method, stream }: Pick<Route, 'method' | 'stream'>,
): boolean {
  return method !== 'GET' && stream !== 'download' && !repeatable.has(key);
}
