import { featureIds } from '@parley/contract/gws/user.ts';
import Type from 'typebox';
import { roles } from '../presence/features.ts';
import { serviceLifetime } from './lifetime-schema.ts';
import { identity } from './identity-schema.ts';
import { serviceRetention } from './privacy-schema.ts';
import { queueRules, serviceRules, skillRequirements } from './routing-schema.ts';
import { serviceFiles } from './files-schema.ts';
import { closed, displayName, durationMs, name, text, whole } from './schema-parts.ts';

const operationNamePattern = '^[A-Za-z][A-Za-z0-9_-]*$';

const account = {
  userName: text(128, {
    description: 'What the agent signs in with. Unique, compared without case.',
    pattern: '^[^\\u0000-\\u001f\\u007f:]*$',
    title: 'text of 1 to 128 characters without ":"',
  }),
  password: Type.Optional(
    Type.String({
      description: 'The password in the clear. Either this or `passwordHash`.',
      minLength: 1,
      maxLength: 256,
      writeOnly: true,
    }),
  ),
  passwordHash: Type.Optional(
    Type.String({
      description: 'The scrypt hash of the password: `scrypt$N$r$p$salt$hash`. Either this or `password`.',
      pattern:
        '^scrypt\\$[0-9]{1,8}\\$[0-9]{1,2}\\$[0-9]{1,2}\\$[A-Za-z0-9+/=]{22,88}\\$[A-Za-z0-9+/=]{43,88}$',
      title: 'a hash scrypt$N$r$p$salt$hash',
      writeOnly: true,
    }),
  ),
  id: Type.Optional(
    Type.String({
      description: 'The id on the wire. Default: derived from `contactCenter.id` and `userName`.',
      pattern: '^[0-9a-f]{32}$',
      title: '32 hex digits in lower case',
    }),
  ),
};

const person = {
  firstName: text(128, { description: 'First name.', default: '' }),
  lastName: text(128, { description: 'Last name.', default: '' }),
  emailAddress: Type.Optional(text(254, { description: 'E-mail address.' })),
  employeeId: Type.Optional(text(64, { description: 'Employee id, shown to desktops and reports.' })),
  nickname: Type.Optional(
    displayName({ description: 'The name a desktop may offer to customers. Default: the user name.' }),
  ),
};

const work = {
  roles: Type.Array(Type.Enum([...roles]), {
    description: 'What the agent is: `agent`, `supervisor`, `admin`.',
    minItems: 1,
    uniqueItems: true,
    default: ['agent'],
  }),
  skills: Type.Record(Type.String(), whole(0, 10, { description: 'The level, 0 to 10.' }), {
    description: 'Skill name to level. The names must be listed in `skills`.',
    default: {},
  }),
  queues: Type.Union(
    [Type.Array(name('The name of a queue.'), { minItems: 1, uniqueItems: true }), Type.Null()],
    { description: 'The queues the agent serves; null: all.', default: null },
  ),
  chatCapacity: whole(0, 100, { description: 'How many chats the agent takes at once.', default: 3 }),
  features: Type.Optional(
    Type.Array(Type.Enum([...featureIds]), {
      description: 'What the agent may do. Default: by role.',
      uniqueItems: true,
    }),
  ),
};

export const agent = Type.Object({ ...account, ...person, ...work }, closed);

export const queue = Type.Object(
  {
    name: name('The name of the queue. Unique.'),
    skills: skillRequirements('What an agent must be able to do to be offered its chats.'),
    priority: whole(-1_000_000, 1_000_000, { description: 'Chats of higher priority go first.', default: 0 }),
    ageingPerMinute: Type.Number({
      description: 'Added to the priority for each minute of waiting.',
      minimum: 0,
      maximum: 1_000_000,
      default: 1,
    }),
    offerTimeoutMs: durationMs(
      { description: 'How long an offer rings before it goes to the next agent.', default: 30_000 },
      1000,
    ),
    declineBackoffMs: durationMs({
      description: 'How long an agent who rejected or did not answer is left out of that chat.',
      default: 30_000,
    }),
    afterNoAnswer: Type.Enum(['NotReady', 'Ready'], {
      description: 'The state of an agent who did not answer.',
      default: 'NotReady',
    }),
    offerGraceMs: durationMs({
      description:
        'After a restart open offers ring at least so long, for nobody could answer them meanwhile.',
      default: 5000,
    }),
    lateReplyAlarmMs: durationMs({
      description: "A customer's message unanswered for so long raises the alarm `LateReply`. 0: never.",
      default: 0,
    }),
    idleAlarmMs: durationMs({
      description: 'A chat in which nobody says anything for so long raises the alarm `Idle`. 0: never.',
      default: 0,
    }),
    afterChatWorkMs: durationMs({
      description: 'After-chat work that takes so long is completed by the server. 0: never.',
      default: 900_000,
    }),
    dispositionIsMandatory: Type.Boolean({
      description: 'Whether its chats are completed only once they have a disposition.',
      default: false,
    }),
    ...queueRules,
  },
  closed,
);

const basicAuth = Type.Object(
  { userName: account.userName, password: account.password, passwordHash: account.passwordHash },
  closed,
);

export const service = Type.Object(
  {
    name: text(64, {
      description: 'The `{serviceName}` in the URLs of the customer API. Unique.',
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
      title: 'text of 1 to 64 letters, digits, ".", "_" and "-", beginning with a letter or digit',
    }),
    queue: name('The queue its chats wait in. It must be listed in `queues`.'),
    basicAuth: Type.Union([basicAuth, Type.Null()], {
      description: 'What whoever opens a chat must know (HTTP Basic; `auth` over CometD); null: nothing.',
      default: null,
    }),
    identity,
    ...serviceRules,
    files: serviceFiles,
    ...serviceLifetime,
    retention: serviceRetention,
  },
  closed,
);

export const agentState = Type.Object(
  {
    operationName: text(64, {
      description:
        'The name of the operation that chooses the reason. Unique, and not that of a built-in state.',
      pattern: operationNamePattern,
      title: 'text of 1 to 64 letters, digits, "_" and "-", beginning with a letter',
    }),
    displayName: displayName({ description: 'What desktops show.' }),
  },
  closed,
);

export const stateAfterLogin = text(64, {
  description:
    'The state a channel gets when the contact-centre session starts: a built-in one or a custom reason.',
  pattern: operationNamePattern,
  title: 'the operationName of a state',
  default: 'NotReady',
});
