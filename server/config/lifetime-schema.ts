import Type from 'typebox';
import { countedNotices, type CountedNotices } from '../domain/activity.ts';
import { durationMs, section } from './schema-parts.ts';

/** A second, and the 20 days that the original's time-outs of customers reach to (gms-customer-api §8). */
const goneMs = (description: string, byDefault: number) =>
  Type.Integer({ description, minimum: 1000, maximum: 1_728_000_000, default: byDefault });

/** When a customer counts as gone (gms-customer-api §8: flex-disconnect-timeout, flex-push-timeout). */
export const customers = Type.Object(
  {
    goneAfterMs: goneMs(
      'A customer without a request for so long, and without a tab that listens, is gone: their session ends.',
      45_000,
    ),
    goneAfterPushMs: goneMs(
      'The same while the chat has a push subscription (`GCTI_Chat_PushSubscribe` or `push_notification_deviceid`).',
      86_400_000,
    ),
  },
  { ...section, description: "Whether customers are there. Not for asynchronous services' chats." },
);

/** What the participants are told; empty: nothing. */
const told = (description: string, byDefault: string) =>
  Type.String({ description, maxLength: 1000, default: byDefault });

interface IdleDefaults {
  readonly alertMs: number;
  readonly closeMs: number;
  readonly notices: CountedNotices;
  readonly alertText: string;
}

const idleRules = ({ alertMs, closeMs, notices, alertText }: IdleDefaults) =>
  Type.Object(
    {
      alertMs: durationMs({ description: 'Nobody active for so long: the alert.', default: alertMs }, 1000),
      alert2Ms: durationMs({ description: 'Then so long: the second alert. 0: there is none.', default: 0 }),
      closeMs: durationMs({ description: 'Then so long: the session ends.', default: closeMs }, 1000),
      notices: Type.Enum([...countedNotices], {
        description:
          'What counts as activity besides joins, leaves and messages: `major` pushed addresses and files, `major2` ' +
          'custom notices too, `typing` the beginning of typing too, `all` every notice.',
        default: notices,
      }),
      alertText: told('What everybody is told at the alert. Empty: nothing.', alertText),
      alert2Text: told('At the second alert.', alertText && 'This chat is about to end.'),
      closeText: told('At the end.', 'The chat has ended, because nobody has written for some time.'),
    },
    { additionalProperties: false },
  );

/** The keys of a service that say how long its chats live (gms-customer-api §8, §9). */
export const serviceLifetime = {
  idle: Type.Union(
    [
      idleRules({
        alertMs: 255_000,
        closeMs: 45_000,
        notices: 'none',
        alertText: 'Is anybody there? This chat will end soon unless somebody writes.',
      }),
      Type.Null(),
    ],
    {
      description: 'What follows when nobody is active in a chat that an agent is in; null: nothing.',
      default: null,
    },
  ),
  async: Type.Union(
    [idleRules({ alertMs: 86_400_000, closeMs: 3_600_000, notices: 'major', alertText: '' }), Type.Null()],
    {
      description:
        'Chats that live for days, and what follows when nobody is active in them; null: its chats are none such. ' +
        'It takes the place of `idle`.',
      default: null,
    },
  ),
  stopAbandonedInteraction: Type.Enum(['never', 'noanswer', 'noagents', 'always'], {
    description:
      'Whether a chat is over when its session ends from the side of the customer: `never` while it waits for an agent, ' +
      '`noanswer` unless an agent has been in it, `noagents` unless one is in it, `always` even then.',
    default: 'noagents',
  }),
};
