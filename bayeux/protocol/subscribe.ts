/**
 * `/meta/subscribe` and the shape it shares with `/meta/unsubscribe` (Bayeux 1.0 §4.4, §4.5).
 *
 * `subscription` MUST be a channel name or a channel pattern, or an array of them; the reply MUST echo it as it came.
 * All names are checked before any is applied, so a request succeeds or fails as a whole. Names under `/service` are
 * accepted and not recorded; names under `/meta` are refused.
 */

import { channelKind, isSubscriptionName, normalizeChannel } from './channel.ts';
import type { InboundMessage } from './message.ts';

/** The names of one request without doubles, or why they are refused. */
export type SubscriptionRequest =
  | {
      readonly kind: 'names';
      /** Names to record or forget. */
      readonly names: readonly string[];
      /** Names under `/service`. */
      readonly serviceNames: readonly string[];
      /** The value to echo. */
      readonly echoJson: string;
    }
  | { readonly kind: 'missing' }
  | { readonly kind: 'invalid'; readonly echoJson: string }
  | { readonly kind: 'meta'; readonly echoJson: string };

/** Reads `subscription`. More than `maxNames` names in one request are `invalid`. */
export function readSubscription(
  message: InboundMessage,
  limits: { readonly maxNames: number; readonly maxChannelLength: number },
): SubscriptionRequest {
  const value = message.subscription;
  if (value === undefined || value === null) return { kind: 'missing' };
  const echoJson = JSON.stringify(value);
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) return { kind: 'missing' };
  if (list.length > limits.maxNames) return { kind: 'invalid', echoJson };
  const names: string[] = [];
  const serviceNames: string[] = [];
  for (const item of list) {
    if (typeof item !== 'string') return { kind: 'invalid', echoJson };
    const name = normalizeChannel(item);
    if (!isSubscriptionName(name, limits.maxChannelLength)) return { kind: 'invalid', echoJson };
    const kind = channelKind(name);
    if (kind === 'meta') return { kind: 'meta', echoJson };
    const kindNames = kind === 'service' ? serviceNames : names;
    if (!kindNames.includes(name)) kindNames.push(name);
  }
  return { kind: 'names', names, serviceNames, echoJson };
}
