import { expect, it } from 'vitest';
import { errorText } from './error-texts.ts';

it.each([
  ['3.1', 'unknownClient', '402::Unknown client'],
  ['4.0', 'unknownClient', '402::unknown_session'],
  ['5.0', 'unknownClient', '402::session_unknown'],
  ['3.1', 'handshakeDenied', '403::Handshake denied'],
  ['5.0', 'handshakeDenied', '403::handshake_denied'],
  ['3.1', 'channelMissing', '400::channel missing'],
  ['4.0', 'channelInvalid', '405::invalid_channel'],
  ['5.0', 'channelInvalid', '405::channel_invalid'],
  ['4.0', 'idInvalid', '405::invalid_id'],
  ['5.0', 'idInvalid', '405::message_id_invalid'],
  ['3.1', 'messageDeleted', '404::message deleted'],
  ['5.0', 'messageDeleted', '404::message_deleted'],
  ['5.0', 'subscriptionMissing', '403::subscription_missing'],
] as const)('%s says of %s: %s', (line, errorCase, text) => {
  expect(errorText(line, errorCase)).toBe(text);
});

it('puts the reason of a policy into the middle, whatever it holds', () => {
  expect(errorText('3.1', 'publishDenied', 'denied_by_security_policy')).toBe(
    '403:denied_by_security_policy:publish denied',
  );
  expect(errorText('5.0', 'createDenied', '$& {}')).toBe('403:$& {}:channel_create_denied');
  expect(errorText('5.0', 'createDeniedBySubscribe', 'x')).toBe('403:x:create_denied');
});
