import Type from 'typebox';
import { webhookEvents } from '@parley/contract/webhooks.ts';
import { closed, durationMs, name, section, text, whole } from './schema-parts.ts';

/** The address of a receiver outside. */
export const receiverUrl = (description: string) =>
  text(2000, {
    description,
    pattern: '^https?://[^\\s#@]+$',
    title: 'a URL such as https://crm.example.com/hooks (no user name in it)',
  });

/** A secret as the Standard Webhooks scheme writes it. */
export const signingSecret = (description: string) =>
  Type.String({
    description,
    pattern: '^whsec_(?:[A-Za-z0-9+/]{4}){8,21}(?:[A-Za-z0-9+/]{2,3}={0,2})?$',
    title: 'whsec_ and 24 to 64 random bytes in base64',
  });

export const webhook = Type.Object(
  {
    name: text(40, {
      description: 'Its name. What waits for it is kept under it.',
      pattern: '^[A-Za-z0-9][A-Za-z0-9-]*$',
      title: 'letters, digits and "-"',
    }),
    url: receiverUrl('Where events are posted. Redirects are not followed.'),
    secret: signingSecret('What signatures are made with: `whsec_` and base64.'),
    previousSecret: Type.Optional(
      signingSecret('The secret before: while it is given, each message carries a signature of both.'),
    ),
    events: Type.Array(Type.Enum([...webhookEvents]), {
      description: 'What it is told.',
      minItems: 1,
      uniqueItems: true,
      default: [...webhookEvents],
    }),
    services: Type.Array(name('The name of a service.'), {
      description: 'The services whose chats it is told of; none: all.',
      uniqueItems: true,
      maxItems: 1000,
      default: [],
    }),
    includeText: Type.Boolean({
      description: 'Whether it is told what people wrote: texts, subjects, names of files.',
      default: false,
    }),
    allowPrivateAddresses: Type.Boolean({
      description: 'Whether its address may be one of this machine or of a private network.',
      default: false,
    }),
    parallel: whole(1, 100, { description: 'Messages under way to it at the same time.', default: 4 }),
  },
  closed,
);

export const outbox = Type.Object(
  {
    attemptTimeoutMs: durationMs({ description: 'A receiver answers within.', default: 10_000 }, 1),
    firstDelayMs: durationMs(
      {
        description: 'The wait after the first failure. It doubles with each, half of it at random.',
        default: 5000,
      },
      1,
    ),
    longestDelayMs: durationMs({ description: 'The longest wait.', default: 3_600_000 }, 1),
    maxAttempts: whole(1, 1000, {
      description: 'Attempts, after which a message becomes a dead letter.',
      default: 30,
    }),
    maxAgeMs: durationMs(
      {
        description: 'A message older than this becomes a dead letter with its next failure.',
        default: 86_400_000,
      },
      1,
    ),
    maxWaiting: whole(1, 1_000_000, {
      description: 'Messages that wait for one receiver. With one more the oldest becomes a dead letter.',
      default: 10_000,
    }),
    maxDeadLetters: whole(0, 100_000, {
      description: 'Dead letters of one receiver. With one more the oldest is forgotten.',
      default: 1000,
    }),
    deadLetterMaxAgeMs: durationMs(
      { description: 'Dead letters are forgotten after.', default: 2_592_000_000 },
      1,
    ),
  },
  { ...section, description: 'What is told to receivers outside: webhooks and pushes to closed apps.' },
);
