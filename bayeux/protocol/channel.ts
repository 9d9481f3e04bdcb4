/**
 * Channel names: grammar, kinds and wildcard matching (Bayeux 1.0 §2.2; the character set is the one that CometD's
 * `validateMessageFields` and its JavaScript client apply).
 */

/** What a channel is for. Only `broadcast` channels fan out to subscribers. */
export type ChannelKind = 'meta' | 'service' | 'broadcast';

const namePattern = /^(?:\/[A-Za-z0-9 !#$()+\-.@_{~}]+)+$/;
const subscriptionPattern = /^(?:\/[A-Za-z0-9 !#$()+\-.@_{~}]+)*(?:\/\*{1,2})?$/;

/** Cuts one trailing slash, as CometD does: `/foo/` names the same channel as `/foo`. */
export function normalizeChannel(name: string): string {
  return name.length > 1 && name.charCodeAt(name.length - 1) === 47 ? name.slice(0, -1) : name;
}

/** True for a name a message may be published to: no wildcard, at least one segment, no empty segment. */
export function isChannelName(name: string, maxLength: number): boolean {
  return name.length >= 2 && name.length <= maxLength && namePattern.test(name);
}

/** True for a name that may be subscribed to: a channel name, or one whose last segment is `*` or `**`. */
export function isSubscriptionName(name: string, maxLength: number): boolean {
  return name.length >= 2 && name.length <= maxLength && subscriptionPattern.test(name);
}

/** True when the last segment is `*` or `**`. Expects a valid subscription name. */
export function isWildcard(name: string): boolean {
  return name.charCodeAt(name.length - 1) === 42;
}

/** The kind of a channel, by its first segment. */
export function channelKind(name: string): ChannelKind {
  if (name.startsWith('/meta') && (name.length === 5 || name.charCodeAt(5) === 47)) return 'meta';
  if (name.startsWith('/service') && (name.length === 8 || name.charCodeAt(8) === 47)) return 'service';
  return 'broadcast';
}

/**
 * Every subscription name that matches a channel, the channel itself first.
 *
 * `/a/b` gives `/a/b`, `/a/*`, `/a/**` and `/**`: `*` stands for exactly one more segment, `**` for one or more,
 * and neither matches the channel it is written under.
 */
export function subscriptionsMatching(channel: string): string[] {
  const names = [channel];
  let slash = channel.lastIndexOf('/');
  names.push(channel.slice(0, slash) + '/*');
  while (slash >= 0) {
    names.push(channel.slice(0, slash) + '/**');
    slash = slash === 0 ? -1 : channel.lastIndexOf('/', slash - 1);
  }
  return names;
}

/** True when a subscription name, exact or wildcard, matches a channel. */
export function matchesChannel(subscription: string, channel: string): boolean {
  if (subscription === channel) return true;
  if (subscription.endsWith('/**')) {
    return channel.length > subscription.length - 2 && channel.startsWith(subscription.slice(0, -2));
  }
  if (subscription.endsWith('/*')) {
    const prefix = subscription.slice(0, -1);
    return (
      channel.length > prefix.length && channel.startsWith(prefix) && channel.indexOf('/', prefix.length) < 0
    );
  }
  return false;
}
