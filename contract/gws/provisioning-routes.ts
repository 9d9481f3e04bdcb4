import Type from 'typebox';
import { bounds } from '../bounds.ts';
import { BooleanParameter, CountParameter } from '../parameters.ts';
import { Id, Path, Uri } from './primitives.ts';
import { OkReply } from './replies.ts';
import { AuditEntry } from './set-up.ts';
import { featureIds } from './user.ts';

const ok = Type.Literal(0);
/** Control characters, and halves of surrogate pairs: a name stands in addresses, which can hold neither. */
const unnamable = String.raw`\x00-\x1f\x7f\ud800-\udfff`;
const Name = Type.String({
  minLength: 1,
  maxLength: 64,
  pattern: String.raw`^[^${unnamable}]*[^\s${unnamable}][^${unnamable}]*$`,
});
const Text = Type.String({ maxLength: bounds.nameLength, pattern: String.raw`^[^${unnamable}]*$` });
const Prose = Type.String({ maxLength: 1024 });
const Groups = Type.Union([
  Type.String({
    minLength: 1,
    maxLength: 256,
    pattern: String.raw`^[^/${unnamable}]+(/[^/${unnamable}]+)*$`,
  }),
  Type.Null(),
]);

const skillLevel = Type.Integer({ minimum: 0, maximum: 10 });
/** As `/me` shows it, `level` as text; a number will do. */
const HeldSkill = Type.Object({
  name: Name,
  level: Type.Union([skillLevel, Type.String({ pattern: String.raw`^(\d|10)$` })]),
});

const user = {
  firstName: Text,
  lastName: Text,
  emailAddress: Type.String({ maxLength: bounds.emailLength }),
  employeeId: Type.String({ maxLength: 64 }),
  nickname: Type.String({ minLength: 1, maxLength: bounds.nicknameLength }),
  roles: Type.Array(Type.Enum(['ROLE_AGENT', 'ROLE_SUPERVISOR', 'ROLE_ADMIN']), {
    minItems: 1,
    maxItems: 3,
    description: 'All of them: a PUT replaces the list.',
  }),
  skills: Type.Array(HeldSkill, { maxItems: 1000, description: 'All of them: a PUT replaces the list.' }),
  features: Type.Array(Type.Enum([...featureIds]), { maxItems: featureIds.length }),
  chatCapacity: Type.Integer({ minimum: 0, maximum: 100 }),
  enabled: BooleanParameter,
  changePasswordOnFirstLogin: BooleanParameter,
};

const UserName = Type.String({ minLength: 1, maxLength: 128, pattern: String.raw`^[^${unnamable}:]*$` });
const Password = Type.String({ minLength: 1, maxLength: bounds.credentialLength, writeOnly: true });
const partialUser = Type.Partial(Type.Object(user)).properties;

const queue = {
  priority: Type.Integer({ minimum: -1_000_000, maximum: 1_000_000 }),
  ageingPerMinute: Type.Number({ minimum: 0, maximum: 1_000_000 }),
  offerTimeoutMs: Type.Integer({ minimum: 1000, maximum: 2_678_400_000 }),
  skills: Type.Array(Type.Object({ skill: Name, level: skillLevel }), { maxItems: 100 }),
};
const partialQueue = Type.Partial(Type.Object(queue)).properties;

const response = {
  subject: Type.String({ maxLength: 512 }),
  description: Prose,
  approved: BooleanParameter,
};
const partialResponse = Type.Partial(Type.Object(response)).properties;

const created = Type.Object({ statusCode: ok, id: Id, uri: Uri, path: Path }, { title: 'CreatedReply' });
const write = { auth: 'agent', tag: 'provisioning', feature: 'api-provisioning-write' } as const;
const create = { ...write, method: 'POST', reply: created } as const;
const update = { ...write, method: 'PUT', reply: OkReply } as const;
const remove = { ...write, method: 'DELETE', reply: OkReply } as const;

/**
 * The changing routes for administrators (gws-agent-api §1.4): POST on the collection creates, PUT on the item
 * changes what is named, DELETE removes. Each is audited.
 */
export const provisioningRoutes = {
  createUser: {
    ...create,
    path: '/api/v2/users',
    summary: 'Adds a user.',
    body: Type.Object({ userName: UserName, password: Password, ...partialUser }),
  },
  updateUser: {
    ...update,
    path: '/api/v2/users/{userId}',
    summary: 'Changes a user; a new password ends their sessions.',
    body: Type.Object({
      userName: Type.Optional(UserName),
      password: Type.Optional(Password),
      ...partialUser,
    }),
  },
  deleteUser: {
    ...remove,
    path: '/api/v2/users/{userId}',
    summary: 'Removes a user: they are signed out, their chats go back to the queue.',
  },
  createSkill: {
    ...create,
    path: '/api/v2/skills',
    summary: 'Adds a skill.',
    body: Type.Object({ name: Name }),
  },
  deleteSkill: {
    ...remove,
    path: '/api/v2/skills/{id}',
    summary: 'Removes a skill that nobody has and no queue asks for.',
  },
  createQueue: {
    ...create,
    path: '/api/v2/queues',
    summary: 'Adds a queue.',
    body: Type.Object({ name: Name, ...partialQueue }),
  },
  updateQueue: {
    ...update,
    path: '/api/v2/queues/{id}',
    summary: 'Changes a queue; chats that wait already keep their place.',
    body: Type.Object({ name: Type.Optional(Name), ...partialQueue }),
  },
  deleteQueue: { ...remove, path: '/api/v2/queues/{id}', summary: 'Removes a queue that nothing uses.' },
  createDisposition: {
    ...create,
    path: '/api/v2/settings/dispositions',
    summary: 'Adds a disposition.',
    body: Type.Object({ name: Name, displayName: Type.Optional(Text), group: Type.Optional(Groups) }),
  },
  updateDisposition: {
    ...update,
    path: '/api/v2/settings/dispositions/{name}',
    summary: 'Changes a disposition.',
    body: Type.Object({
      name: Type.Optional(Name),
      displayName: Type.Optional(Text),
      group: Type.Optional(Groups),
    }),
  },
  deleteDisposition: {
    ...remove,
    path: '/api/v2/settings/dispositions/{name}',
    summary: 'Removes a disposition; chats keep what they have.',
  },
  createAgentState: {
    ...create,
    path: '/api/v2/settings/agent-states',
    summary: 'Adds a not-ready reason.',
    body: Type.Object({
      operationName: Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_-]{0,63}$' }),
      displayName: Name,
    }),
  },
  updateAgentState: {
    ...update,
    path: '/api/v2/settings/agent-states/{name}',
    summary: 'Changes a not-ready reason.',
    body: Type.Object({ operationName: Type.Optional(Name), displayName: Name }),
  },
  deleteAgentState: {
    ...remove,
    path: '/api/v2/settings/agent-states/{name}',
    summary: 'Removes a not-ready reason; whoever is in it is shown as not ready.',
  },
  createResponseTemplate: {
    ...create,
    path: '/api/v2/response-templates',
    summary: 'Adds a standard response.',
    body: Type.Object({
      name: Name,
      body: Type.String({ minLength: 1, maxLength: bounds.textLength }),
      language: Type.Optional(Name),
      category: Type.Optional(Groups),
      ...partialResponse,
    }),
  },
  updateResponseTemplate: {
    ...update,
    path: '/api/v2/response-templates/{id}',
    summary: 'Changes a standard response.',
    body: Type.Object({
      name: Type.Optional(Name),
      body: Type.Optional(Type.String({ minLength: 1, maxLength: bounds.textLength })),
      language: Type.Optional(Name),
      category: Type.Optional(Groups),
      ...partialResponse,
    }),
  },
  deleteResponseTemplate: {
    ...remove,
    path: '/api/v2/response-templates/{id}',
    summary: 'Removes a standard response.',
  },
  getAudit: {
    auth: 'agent',
    tag: 'provisioning',
    feature: 'api-provisioning-read',
    method: 'GET',
    path: '/api/v2/audit',
    summary: 'Who changed what, oldest first, from `after` on.',
    query: Type.Object({ after: Type.Optional(CountParameter), limit: Type.Optional(CountParameter) }),
    reply: Type.Object({ statusCode: ok, audit: Type.Array(AuditEntry) }),
  },
  verifyAudit: {
    auth: 'agent',
    tag: 'provisioning',
    feature: 'api-provisioning-read',
    method: 'GET',
    path: '/api/v2/audit/verification',
    summary: 'Checks the chain of hashes from the first row to the last.',
    reply: Type.Object({
      statusCode: ok,
      intact: Type.Boolean(),
      entries: Type.Integer(),
      brokenAt: Type.Optional(
        Type.Integer({ description: 'The number of the first row that does not fit.' }),
      ),
      lastHash: Type.String(),
    }),
  },
} as const;
