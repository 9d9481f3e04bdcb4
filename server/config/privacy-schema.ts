import Type from 'typebox';
import { closed, durationMs, section, whole } from './schema-parts.ts';

export const log = Type.Object(
  {
    messageText: Type.Boolean({
      description:
        'Whether the log may hold what people wrote and who they are: each event of a chat at the level `debug`, ' +
        'and errors with all that they say.',
      default: false,
    }),
  },
  { ...section, description: 'What the log may hold. How much is logged says `logLevel`.' },
);

const days = (description: string) => whole(1, 36_500, { description });

/** The key of a service that says how long its chats are kept. */
export const serviceRetention = Type.Union(
  [
    Type.Object(
      {
        days: days('How many days after its end a chat is kept.'),
        afterwards: Type.Enum(['delete', 'anonymise'], {
          description: 'Whether nothing is left of it then, or a row for statistics without a person.',
          default: 'delete',
        }),
      },
      closed,
    ),
    Type.Null(),
  ],
  { description: 'How long its chats are kept; null: for ever.', default: null },
);

export const retention = Type.Object(
  {
    contactDays: Type.Union([days('A number of days.'), Type.Null()], {
      description: 'A profile that is so old and has no chat left is deleted; null: never.',
      default: null,
    }),
    everyMs: durationMs(
      { description: 'The pause between two looks for what has been kept long enough.', default: 3_600_000 },
      1000,
    ),
    chatsAtOnce: whole(1, 1000, {
      description: 'How many chats are forgotten in one append.',
      default: 20,
    }),
    pauseMs: durationMs({ description: 'The pause between two such appends.', default: 250 }, 1),
  },
  { ...section, description: 'Forgetting what has been kept long enough. See also `retention` of services.' },
);
