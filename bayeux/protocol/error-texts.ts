/**
 * The `error` strings of three generations of CometD servers (`ccc:args:text`). Clients act on `advice` and at most on
 * the three digits; people and old samples read the text, so one line of texts is used throughout.
 */

/** `3.1` covers 2.x to 3.1, `5.0` covers 5.0 to 8.0. */
export type ErrorLine = '3.1' | '4.0' | '5.0';

/** The cases in which a message is refused. */
export type ErrorCase =
  | 'unknownClient'
  | 'handshakeDenied'
  | 'channelMissing'
  | 'channelInvalid'
  | 'idInvalid'
  | 'createDenied'
  | 'createDeniedBySubscribe'
  | 'subscribeDenied'
  | 'publishDenied'
  | 'subscriptionMissing'
  | 'subscriptionInvalid'
  | 'subscribeFailed'
  | 'unsubscribeFailed'
  | 'messageDeleted'
  | 'tooManySessions'
  | 'replayUnavailable';

type Texts = Readonly<Record<ErrorCase, string>>;

/** Where the 3.1 line checked nothing (channel grammar, too many sessions, replay) its style is carried on. */
const line31: Texts = {
  unknownClient: '402::Unknown client',
  handshakeDenied: '403::Handshake denied',
  channelMissing: '400::channel missing',
  channelInvalid: '405::channel invalid',
  idInvalid: '405::id invalid',
  createDenied: '403:{}:create denied',
  createDeniedBySubscribe: '403:{}:create denied',
  subscribeDenied: '403:{}:subscribe denied',
  publishDenied: '403:{}:publish denied',
  subscriptionMissing: '403::subscription_missing',
  subscriptionInvalid: '403::subscription_invalid',
  subscribeFailed: '403:{}:subscribe_failed',
  unsubscribeFailed: '403:{}:unsubscribe_failed',
  messageDeleted: '404::message deleted',
  tooManySessions: '403:too_many_sessions:Handshake denied',
  replayUnavailable: '409:{}:replay unavailable',
};

const line40: Texts = {
  ...line31,
  unknownClient: '402::unknown_session',
  handshakeDenied: '403::handshake_denied',
  channelMissing: '400::channel_missing',
  channelInvalid: '405::invalid_channel',
  idInvalid: '405::invalid_id',
  createDenied: '403:{}:channel_create_denied',
  createDeniedBySubscribe: '403:{}:create_denied',
  subscribeDenied: '403:{}:subscribe_denied',
  publishDenied: '403:{}:publish_denied',
  messageDeleted: '404::message_deleted',
  tooManySessions: '403:too_many_sessions:handshake_denied',
  replayUnavailable: '409:{}:replay_unavailable',
};

const line50: Texts = {
  ...line40,
  unknownClient: '402::session_unknown',
  channelInvalid: '405::channel_invalid',
  idInvalid: '405::message_id_invalid',
};

const lines: Readonly<Record<ErrorLine, Texts>> = { '3.1': line31, '4.0': line40, '5.0': line50 };

/** The reason CometD gives when its security policy says no. */
export const deniedByPolicy = 'denied_by_security_policy';

/** The error string of a case; `argument` fills the middle part of the texts that have one. */
export function errorText(line: ErrorLine, errorCase: ErrorCase, argument = ''): string {
  return lines[line][errorCase].replace('{}', () => argument);
}
