/** What arrives: parsing a request into messages, and the checks every message passes whatever its channel. */

import { isChannelName, normalizeChannel } from './channel.ts';
import type { ErrorCase, ErrorLine } from './error-texts.ts';

/** A message as a client sent it. Nothing in it is trusted: every field is checked where it is read. */
export interface InboundMessage {
  readonly channel?: unknown;
  readonly id?: unknown;
  readonly clientId?: unknown;
  readonly data?: unknown;
  readonly ext?: unknown;
  readonly advice?: unknown;
  readonly subscription?: unknown;
  readonly supportedConnectionTypes?: unknown;
  readonly version?: unknown;
}

/** The messages of one request, or why there are none. */
export type ParsedBatch =
  | { readonly kind: 'messages'; readonly messages: readonly unknown[] }
  | { readonly kind: 'notJson' }
  | { readonly kind: 'tooMany' };

/**
 * Parses a request body. The container is an array; a single object is accepted too (Bayeux 1.0 §2.1, and what CometD's
 * Java server does). An array of more than `maxMessages` is `tooMany`; anything else that is not JSON is `notJson`.
 */
export function parseBatch(text: string, maxMessages: number): ParsedBatch {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { kind: 'notJson' };
  }
  if (!Array.isArray(parsed)) return { kind: 'messages', messages: [parsed] };
  if (parsed.length > maxMessages) return { kind: 'tooMany' };
  return { kind: 'messages', messages: parsed };
}

/** True when a value is a JSON object: the only shape a message or an `ext` can have. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A message whose channel passed the grammar, or the case it failed on. */
export type CheckedChannel = { readonly channel: string } | { readonly refused: ErrorCase };

/**
 * Checks the channel of a message, and its id where the line of error texts has a text for it: from 4.0 on an id is
 * alphanumeric, before that any string or number passes.
 */
export function checkChannel(message: InboundMessage, line: ErrorLine, maxLength: number): CheckedChannel {
  const raw = message.channel;
  if (typeof raw !== 'string' || raw.length === 0) return { refused: 'channelMissing' };
  // Half of all messages are connects: they need no look at each character.
  const channel = raw === '/meta/connect' ? raw : normalizeChannel(raw);
  if (channel !== '/meta/connect' && !isChannelName(channel, maxLength)) return { refused: 'channelInvalid' };
  if (line !== '3.1' && message.id !== undefined && !isPlainId(message.id)) return { refused: 'idInvalid' };
  return { channel };
}

function isPlainId(id: unknown): boolean {
  if (typeof id === 'number') return Number.isFinite(id);
  return typeof id === 'string' && /^[A-Za-z0-9]+$/.test(id);
}
