import Type from 'typebox';
import { closed, durationMs, whole } from './schema-parts.ts';
import { receiverUrl, signingSecret } from './webhooks-schema.ts';

/** Pushes to closed apps (gms-customer-api §9: `[push] customhttp.*`). */
export const customHttp = Type.Union(
  [
    Type.Object(
      {
        url: receiverUrl('Where pushes for closed apps are posted.'),
        secret: Type.Optional(
          signingSecret('What they are signed with, as webhooks are; none: they are not.'),
        ),
        includePayload: Type.Boolean({
          description: 'Whether a push holds the event itself: who said what.',
          default: false,
        }),
        message: Type.Union(
          [
            Type.String({
              description: 'A JSON text.',
              minLength: 2,
              maxLength: 10_000,
              title: 'a JSON text with {{type}}, {{chatId}}, {{deviceId}} … inside of its strings',
            }),
            Type.Null(),
          ],
          {
            description:
              'What is posted: a JSON text in whose strings `{{key}}` stands for a key of the push, `{{text}}` for the text ' +
              'of its event; null: the push itself (docs/push-to-apps.md).',
            default: null,
          },
        ),
        delayMs: durationMs({
          description:
            'A customer is told by push of what they have not fetched so long after it; at once when their app has said ' +
            'that it goes to the background.',
          default: 90_000,
        }),
        allowPrivateAddresses: Type.Boolean({
          description: 'Whether the address may be one of this machine or of a private network.',
          default: false,
        }),
        parallel: whole(1, 100, { description: 'Pushes under way at the same time.', default: 4 }),
      },
      closed,
    ),
    Type.Null(),
  ],
  {
    description: 'Pushes to apps that are closed; null: none. The limits are those of `outbox`.',
    default: null,
  },
);
