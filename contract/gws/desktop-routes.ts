import Type from 'typebox';
import { bounds } from '../bounds.ts';
import { CountParameter } from '../parameters.ts';
import type { OperationTable } from './operations.ts';
import { ReferenceId, Uri } from './primitives.ts';
import { CollectionQuery, MeQuery } from './queries.ts';
import {
  BusinessAttribute,
  DirectoryContact,
  Disposition,
  QueueRecord,
  ResponseCategory,
  ResponseTemplate,
  ServiceRecord,
  SettingsSection,
  SetUpGroup,
  SkillRecord,
  Workbin,
} from './set-up.ts';
import { Feature, User } from './user.ts';

const ok = Type.Literal(0);
const word = Type.Optional(Type.String({ maxLength: bounds.nameLength }));

/** `fields`, `subresources`, a page and an order of a collection (gws-agent-api §1.3). */
export const pageQuery = {
  fields: CollectionQuery.properties.fields,
  subresources: MeQuery.properties.subresources,
  limit: Type.Optional(CountParameter),
  offset: Type.Optional(CountParameter),
  sortBy: word,
  order: Type.Optional(Type.Enum(['Ascending', 'Descending'])),
};

const uris = Type.Object({ statusCode: ok, uris: Type.Array(Uri), totalCount: Type.Integer() });
const total = { statusCode: ok, totalCount: Type.Integer() };
const list = { auth: 'agent', method: 'GET', tag: 'settings' } as const;
const named = Type.Object({ ...pageQuery, name: word });

/** The operations of `/response-templates/{id}` (ours, for the original's is not known: gws-agent-api §10, row 20). */
export const responseOperations = {
  Render: {
    summary: 'Fills in the field codes for one of the chats of the signed-in agent.',
    parameters: Type.Object({ chatId: Type.String({ minLength: 1, maxLength: bounds.nameLength }) }),
  },
} as const satisfies OperationTable;

const Ref = Type.String({ minLength: 1, maxLength: bounds.nameLength });

/** The operations of a workbin (gws-agent-api §8.6). `TakeChat` is ours: the chat comes back as an offer. */
export const workbinOperations = {
  Subscribe: { summary: 'Asks to be told of changes on `/v2/me/workbins`.', parameters: Type.Object({}) },
} as const satisfies OperationTable;

export const myWorkbinOperations = {
  ...workbinOperations,
  AddChat: {
    summary: 'Parks a chat: it leaves the agent and waits for them.',
    parameters: Type.Object({ id: Ref }),
  },
  AddInteraction: { summary: 'The same as AddChat.', parameters: Type.Object({ id: Ref }) },
  TakeChat: {
    summary: 'Takes a parked chat back: it is offered to the agent.',
    parameters: Type.Object({ id: Ref }),
  },
} as const satisfies OperationTable;

/** The reading routes with which a desktop starts (gws-agent-api §2.6, §2.7, §8). */
export const desktopRoutes = {
  getSkills: {
    ...list,
    path: '/api/v2/skills',
    summary: 'The skills of the contact centre.',
    query: named,
    reply: Type.Union([uris, Type.Object({ ...total, skills: Type.Array(Type.Partial(SkillRecord)) })]),
  },
  getSkill: {
    ...list,
    path: '/api/v2/skills/{id}',
    summary: 'One skill.',
    reply: Type.Object({ statusCode: ok, skill: SkillRecord }),
  },
  getQueues: {
    ...list,
    path: '/api/v2/queues',
    summary: 'The queues of the contact centre.',
    query: Type.Object({ ...pageQuery, name: word, channel: word }),
    reply: Type.Union([uris, Type.Object({ ...total, queues: Type.Array(Type.Partial(QueueRecord)) })]),
  },
  getQueue: {
    ...list,
    path: '/api/v2/queues/{id}',
    summary: 'One queue.',
    reply: Type.Object({ statusCode: ok, queue: QueueRecord }),
  },
  getFeatures: {
    ...list,
    path: '/api/v2/features',
    summary: 'What users can be allowed.',
    query: Type.Object(pageQuery),
    reply: Type.Union([uris, Type.Object({ ...total, features: Type.Array(Type.Partial(Feature)) })]),
  },
  getFeature: {
    ...list,
    path: '/api/v2/features/{id}',
    summary: 'One feature.',
    reply: Type.Object({ statusCode: ok, feature: Feature }),
  },
  getGroups: {
    ...list,
    path: '/api/v2/groups',
    summary: 'Groups of agents, dispositions or standard responses.',
    query: Type.Object({ ...pageQuery, name: word, type: word }),
    reply: Type.Union([uris, Type.Object({ ...total, groups: Type.Array(Type.Partial(SetUpGroup)) })]),
  },
  getGroup: {
    ...list,
    path: '/api/v2/groups/{id}',
    summary: 'One group.',
    query: MeQuery,
    reply: Type.Object({ statusCode: ok, group: Type.Partial(SetUpGroup) }),
  },
  getMyGroups: {
    ...list,
    path: '/api/v2/me/groups',
    summary: 'The groups that the signed-in user belongs to.',
    query: Type.Object({ ...pageQuery, name: word, type: word }),
    reply: Type.Union([uris, Type.Object({ ...total, groups: Type.Array(Type.Partial(SetUpGroup)) })]),
  },
  getDispositions: {
    ...list,
    path: '/api/v2/settings/dispositions',
    summary: 'The dispositions, flat.',
    reply: Type.Object({ statusCode: ok, key: Type.Literal('name'), settings: Type.Array(Disposition) }),
  },
  getSettings: {
    ...list,
    path: '/api/v2/settings/{group}',
    summary: 'A group of settings of the contact centre.',
    reply: Type.Object({
      statusCode: ok,
      key: Type.Literal('name'),
      settings: Type.Record(Type.String(), Type.String()),
    }),
  },
  getMySettings: {
    ...list,
    path: '/api/v2/me/settings',
    summary: "The desktop's options, by section.",
    query: CollectionQuery,
    reply: Type.Object({ statusCode: ok, settings: Type.Array(SettingsSection) }),
  },
  getMySettingsSection: {
    ...list,
    path: '/api/v2/me/settings/{section}',
    summary: "One section of the desktop's options.",
    reply: Type.Object({ statusCode: ok, ...SettingsSection.properties }),
  },
  getInternalSettings: {
    ...list,
    path: '/internal-api/me/settings',
    summary: 'Agent states and options in one, for the web desktop.',
    query: CollectionQuery,
    reply: Type.Object({
      statusCode: ok,
      resources: Type.Object({
        agentStates: Type.Array(Type.Unknown()),
        user: Type.Object({ settings: Type.Array(SettingsSection) }),
      }),
    }),
  },
  getInternalContactCenter: {
    ...list,
    path: '/internal-api/contact-center',
    summary: 'The contact centre, for the web desktop.',
    query: MeQuery,
    reply: Type.Object({
      statusCode: ok,
      resources: Type.Object({
        id: Type.String(),
        name: Type.String(),
        businessAttributes: Type.Optional(Type.Array(BusinessAttribute)),
      }),
    }),
  },
  getBusinessAttributes: {
    ...list,
    path: '/internal-api/business-attributes',
    summary: 'The business attributes.',
    query: CollectionQuery,
    reply: Type.Object({ statusCode: ok, businessAttributes: Type.Array(BusinessAttribute) }),
  },
  getSearchIndex: {
    ...list,
    path: '/internal-api/lucene/index',
    summary: 'The search indexes that the web desktop asks for at its start.',
    reply: Type.Object({
      statusCode: ok,
      indexes: Type.Array(Type.Object({ name: Type.String(), fields: Type.Array(Type.String()) })),
    }),
  },
  getServices: {
    ...list,
    path: '/api/v2/services',
    summary:
      'The parts of the contact centre and whether they work; changes come on `/notifications/services`.',
    query: Type.Object({ ...pageQuery, name: word, type: word, state: word }),
    reply: Type.Union([uris, Type.Object({ ...total, services: Type.Array(Type.Partial(ServiceRecord)) })]),
  },
  getMyDevices: {
    ...list,
    path: '/api/v2/me/devices',
    summary: 'Always empty: there is no voice.',
    query: CollectionQuery,
    reply: Type.Object({ statusCode: ok, devices: Type.Array(Type.Unknown()) }),
  },
  getMyDeviceSettings: {
    ...list,
    path: '/api/v2/me/devices/{id}/settings/tserver',
    summary: 'Settings of a telephone switch: none, for there is no voice.',
    reply: Type.Object({ statusCode: ok, key: Type.Literal('name'), settings: Type.Array(Type.Unknown()) }),
  },
  getDeviceSettings: {
    ...list,
    path: '/api/v2/devices/{id}/settings/tserver',
    summary: 'Settings of a telephone switch: none, for there is no voice.',
    reply: Type.Object({ statusCode: ok, key: Type.Literal('name'), settings: Type.Array(Type.Unknown()) }),
  },
  getMyCalls: {
    ...list,
    path: '/api/v2/me/calls',
    summary: 'Always empty: there is no voice.',
    query: CollectionQuery,
    reply: Type.Object({ statusCode: ok, calls: Type.Array(Type.Unknown()) }),
  },
  getDirectory: {
    ...list,
    path: '/api/v2/contacts',
    summary: 'The directory: agents, queues and others, with whether they can be reached.',
    query: Type.Object({
      ...pageQuery,
      name: word,
      phoneNumber: word,
      channel: word,
      type: Type.Optional(Type.String({ description: '`User`, `Queue`, `Custom`, or several with commas.' })),
      filterName: word,
      filterParameters: word,
    }),
    reply: Type.Union([
      uris,
      Type.Object({ ...total, contacts: Type.Array(Type.Partial(DirectoryContact)) }),
    ]),
  },
  getDirectoryContact: {
    ...list,
    path: '/api/v2/contacts/{id}',
    summary: 'One contact of the directory.',
    query: Type.Object({ type: word, fields: CollectionQuery.properties.fields }),
    reply: Type.Object({ statusCode: ok, contact: Type.Partial(DirectoryContact) }),
  },
  getUsers: {
    ...list,
    tag: 'provisioning',
    feature: 'api-provisioning-read',
    path: '/api/v2/users',
    summary: 'The users of the contact centre.',
    query: Type.Object({ ...pageQuery, userName: word, firstName: word, lastName: word, enabled: word }),
    reply: Type.Union([uris, Type.Object({ ...total, users: Type.Array(User) })]),
  },
  getUser: {
    ...list,
    tag: 'provisioning',
    path: '/api/v2/users/{userId}',
    summary: 'One user: oneself, or anybody with the feature `api-provisioning-read`.',
    query: MeQuery,
    reply: Type.Object({ statusCode: ok, user: User }),
  },
  getResponseTemplates: {
    ...list,
    path: '/api/v2/response-templates',
    summary: 'The standard responses.',
    query: Type.Object({ ...pageQuery, name: word, language: word, category: word }),
    reply: Type.Union([
      uris,
      Type.Object({ ...total, responseTemplates: Type.Array(Type.Partial(ResponseTemplate)) }),
    ]),
  },
  getResponseTemplate: {
    ...list,
    path: '/api/v2/response-templates/{id}',
    summary: 'One standard response.',
    query: MeQuery,
    reply: Type.Object({ statusCode: ok, responseTemplate: Type.Partial(ResponseTemplate) }),
  },
  operateResponseTemplate: {
    method: 'POST',
    auth: 'agent',
    tag: 'settings',
    feature: 'api-multimedia',
    path: '/api/v2/response-templates/{id}',
    summary: 'Renders a standard response for a chat.',
    operations: responseOperations,
    reply: Type.Object({
      statusCode: ok,
      subject: Type.Optional(Type.String()),
      text: Type.String(),
      unresolved: Type.Array(Type.String(), { description: 'Field codes that stayed as they are.' }),
    }),
  },
  getRootCategories: {
    method: 'POST',
    auth: 'agent',
    tag: 'settings',
    feature: 'api-multimedia',
    path: '/api/v2/platform/contactserver/RequestGetRootCategories',
    summary: 'The categories of standard responses.',
    body: Type.Object({ language: word }),
    reply: Type.Object({
      statusCode: ok,
      response: Type.Literal('EventGetRootCategories'),
      data: Type.Object({ categories: Type.Array(ResponseCategory) }),
    }),
  },
  getApprovedRootCategories: {
    method: 'POST',
    auth: 'agent',
    tag: 'settings',
    feature: 'api-multimedia',
    path: '/api/v2/platform/contactserver/GetApprovedRootCategories',
    summary: 'The categories with standard responses that agents may use.',
    body: Type.Object({ language: word }),
    reply: Type.Object({
      statusCode: ok,
      response: Type.Literal('EventGetRootCategories'),
      data: Type.Object({ categories: Type.Array(ResponseCategory) }),
    }),
  },
  reportResponseUsage: {
    method: 'POST',
    auth: 'agent',
    tag: 'settings',
    feature: 'api-multimedia',
    path: '/api/v2/platform/contactserver/ReportStandardResponseUsage/{id}',
    summary: 'Records that a standard response was used.',
    body: Type.Object({
      interactionId: word,
      chatId: word,
      facebookId: word,
      emailId: word,
      facebookSessionId: word,
      tweetId: word,
      responseType: Type.Optional(
        Type.Enum([
          'SystemAutoResponse',
          'SuggestedResponseChoosen',
          'SuggestedResponsesIgnored',
          'AdministratorResponse',
          'SuggestedResponseNotReceived',
        ]),
      ),
    }),
    reply: Type.Object({
      statusCode: ok,
      response: Type.Literal('EventAddStdRespUsage'),
      data: Type.Object({ referenceId: ReferenceId }),
    }),
  },
  getWorkbins: {
    ...list,
    feature: 'api-multimedia',
    path: '/api/v2/workbins',
    summary: 'The workbins of the signed-in agent.',
    query: Type.Object({ ...pageQuery, workbinIds: word }),
    reply: Type.Union([uris, Type.Object({ ...total, workbins: Type.Array(Type.Partial(Workbin)) })]),
  },
  getWorkbin: {
    ...list,
    feature: 'api-multimedia',
    path: '/api/v2/workbins/{id}',
    summary: 'One workbin of the signed-in agent; `subresources=*` adds the chats in it.',
    query: MeQuery,
    reply: Type.Object({ statusCode: ok, workbin: Type.Partial(Workbin) }),
  },
  operateWorkbin: {
    method: 'POST',
    auth: 'agent',
    tag: 'settings',
    feature: 'api-multimedia',
    path: '/api/v2/workbins/{id}',
    summary: 'Subscribes to a workbin.',
    operations: workbinOperations,
    reply: Type.Object({ statusCode: ok, referenceId: ReferenceId }),
  },
  operateMyWorkbin: {
    method: 'POST',
    auth: 'agent',
    tag: 'settings',
    feature: 'api-multimedia',
    path: '/api/v2/me/workbins/{id}',
    summary: 'Parks a chat in a workbin, or takes it back.',
    operations: myWorkbinOperations,
    reply: Type.Object({ statusCode: ok, referenceId: ReferenceId }),
  },
} as const;
