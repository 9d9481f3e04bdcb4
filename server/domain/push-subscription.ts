import type { Chat } from './chat.ts';

/** To whom a closed app's pushes go, as its user data says (gms-customer-api §9); null where it says nothing. */
export interface PushSubscription {
  readonly deviceId: string | null;
  readonly deviceType: string | null;
  readonly provider: string | null;
  readonly language: string | null;
  readonly debug: boolean;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The subscription of the chat's customer; null when there is none (gms-customer-api §9). */
export function pushSubscriptionOf({ userData }: Pick<Chat, 'userData'>): PushSubscription | null {
  const { GCTI_Chat_PushSubscribe: subscribed, push_notification_deviceid: deviceId } = userData;
  if (textOf(deviceId) === null && String(subscribed) !== 'true') return null;
  return {
    deviceId: textOf(deviceId),
    deviceType: textOf(userData['push_notification_type']),
    provider: textOf(userData['push_notification_provider']),
    language: textOf(userData['push_notification_language']),
    debug: String(userData['push_notification_debug']) === 'true',
  };
}
