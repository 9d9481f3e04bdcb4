import Type from 'typebox';
import { weekdays } from '../domain/business-hours.ts';
import { closed, durationMs, name, text, whole } from './schema-parts.ts';

/** Skills with levels, as a queue asks for them. */
export const skillRequirements = (description: string) =>
  Type.Array(
    Type.Object(
      {
        skill: name('The name of a skill listed in `skills`.'),
        level: whole(0, 10, { description: 'The least level that serves.', default: 1 }),
      },
      closed,
    ),
    { description, default: [] },
  );

const relaxation = Type.Array(
  Type.Object(
    {
      afterMs: durationMs({ description: 'From this wait on.' }, 1),
      skills: skillRequirements('What is asked for from then on; it replaces what was asked for before.'),
    },
    closed,
  ),
  {
    description: 'How the requirement changes while a chat waits. In order of time.',
    maxItems: 20,
    default: [],
  },
);

const period = text(11, {
  description: 'A part of a day.',
  pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$',
  title: 'a part of a day such as 09:00-17:30, the end at most 24:00',
});

const periods = (description: string) => Type.Array(period, { description, maxItems: 20, default: [] });

const week = Object.fromEntries(
  weekdays.map((day) => [day, periods(`The opening hours on ${day}s, by the clock of the time zone.`)]),
) as Record<(typeof weekdays)[number], ReturnType<typeof periods>>;

export const businessHours = Type.Object(
  {
    name: name('The name of the table. Unique.'),
    timeZone: Type.Union(
      [
        text(64, { description: 'A time zone.', title: 'an IANA time zone such as Europe/Tallinn' }),
        Type.Null(),
      ],
      { description: 'Whose clock counts; null: that of `timeZone`.', default: null },
    ),
    ...week,
    holidays: Type.Array(
      Type.Object(
        {
          date: text(10, {
            description: 'The day, there.',
            pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$',
            title: 'a date such as 2026-12-24',
          }),
          open: periods('The opening hours of that day instead of those of its weekday. Empty: closed.'),
        },
        closed,
      ),
      { description: 'Days that differ from the week.', maxItems: 1000, default: [] },
    ),
  },
  closed,
);

const table = (description: string) =>
  Type.Union([name('The name of a table listed in `businessHours`.'), Type.Null()], {
    description,
    default: null,
  });

/** What a customer is told; empty: nothing. */
const told = (description: string, byDefault: string) =>
  Type.String({ description, maxLength: 1000, default: byDefault });

/** The keys of a queue that say when it serves whom, and what becomes of those whom it does not. */
export const queueRules = {
  relaxation,
  businessHours: table('When new chats are served; null: always.'),
  whenClosed: Type.Enum(['Refuse', 'Take'], {
    description:
      'What becomes of a new chat outside those hours: refused with 240 and the text, or taken and told it.',
    default: 'Refuse',
  }),
  closedText: told('What the customer is told then.', 'We are closed now.'),
  overflowQueue: Type.Union([name('The name of a queue.'), Type.Null()], {
    description: 'Where chats go by `Overflow`. They keep their place by the time they have waited in all.',
    default: null,
  }),
  maxWaiting: Type.Union([whole(0, 1_000_000, { description: 'A number.' }), Type.Null()], {
    description: 'How many chats may wait when a new one comes; null: any number.',
    default: null,
  }),
  whenFull: Type.Enum(['Refuse', 'Overflow'], {
    description: 'What becomes of a new chat beyond that: refused with 240 and `busyText`, or sent on.',
    default: 'Refuse',
  }),
  whenUnstaffed: Type.Enum(['Wait', 'Refuse', 'Overflow'], {
    description:
      'What becomes of a chat while nobody with its skills has signed in. `Refuse` is for new ones; `Overflow` needs ' +
      'somebody there.',
    default: 'Wait',
  }),
  busyText: told(
    'What a customer is told who is refused so.',
    'All our agents are busy. Please try again later.',
  ),
  maxWaitMs: Type.Union([durationMs({ description: 'A duration.' }, 1000), Type.Null()], {
    description: 'How long a chat that nobody has served yet may wait in all; null: for ever.',
    default: null,
  }),
  whenWaitedTooLong: Type.Enum(['End', 'Overflow'], {
    description: 'What becomes of it then: ended with `waitedText`, or sent on.',
    default: 'End',
  }),
  waitedText: told(
    'What the customer is told whose chat ends so.',
    'Nobody could answer. Please try again later.',
  ),
};

/** The keys of a service that say the same for its customers. */
export const serviceRules = {
  businessHours: table("When it is served, besides its queue's hours; null: always."),
  whenClosed: Type.Enum(['Refuse', 'Take'], {
    description: 'What becomes of a new chat outside those hours, as for queues.',
    default: 'Refuse',
  }),
  closedText: told('What the customer is told then.', 'We are closed now.'),
  tellQueuePosition: Type.Boolean({
    description:
      'Whether refreshing customers who wait are told `queuePosition` and `estimatedWaitSeconds` in `userData`.',
    default: false,
  }),
};
