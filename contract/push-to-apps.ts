import Type from 'typebox';
import { CustomerEvent } from './gms/replies.ts';

/** What a closed app can be told of: what customers see but notices and typing, and what idleness leads to (gms-customer-api §9). */
export const pushedTypes = [
  'ParticipantJoined',
  'ParticipantLeft',
  'Message',
  'PushUrl',
  'FileUploaded',
  'NicknameUpdated',
  'IdleAlert',
  'IdleClose',
] as const;
export type PushedType = (typeof pushedTypes)[number];

const Told = Type.Union([Type.String(), Type.Null()]);

/** What is posted to the custom HTTP address for a customer whose app is closed (docs/push-to-apps.md). */
export const PushToApp = Type.Object(
  {
    type: Type.Enum([...pushedTypes]),
    chatId: Type.String(),
    service: Type.String(),
    seq: Type.Integer({ description: 'The position of the event in its chat: it grows.' }),
    timestamp: Type.String({ format: 'date-time' }),
    deviceId: Type.Union([Told], { description: '`push_notification_deviceid` of the user data.' }),
    deviceType: Type.Union([Told], {
      description: '`push_notification_type`: `fcm`, `apple`, `customhttp` …',
    }),
    provider: Type.Union([Told], { description: '`push_notification_provider`.' }),
    language: Type.Union([Told], { description: '`push_notification_language`.' }),
    debug: Type.Boolean({ description: '`push_notification_debug`: the app is one under development.' }),
    quitReasonCode: Type.Optional(
      Type.String({
        description: 'Of `ParticipantLeft`: the `quit-reason-code`, 0 and 3 too (gms-customer-api §4.1).',
      }),
    ),
    event: Type.Optional(
      Type.Union([CustomerEvent], { description: 'The event itself, with `includePayload` only.' }),
    ),
  },
  { title: 'PushToApp' },
);
export type PushToApp = Type.Static<typeof PushToApp>;
