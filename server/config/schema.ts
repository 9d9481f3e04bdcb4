import Type from 'typebox';
import { agent, agentState, queue, service } from './people-schema.ts';
import {
  businessAttribute,
  businessUnit,
  directoryEntry,
  disposition,
  options,
  standardResponse,
} from './desktop-schema.ts';
import {
  defaultSettings,
  defaultUserSettings,
  demoBusinessAttributes,
  demoBusinessUnits,
  demoDispositions,
  demoStandardResponses,
} from './desktop-defaults.ts';
import { files } from './files-schema.ts';
import { database } from './database-schema.ts';
import { masking } from './masking-schema.ts';
import { log, retention } from './privacy-schema.ts';
import { customers } from './lifetime-schema.ts';
import { businessHours } from './routing-schema.ts';
import { overload } from './overload-schema.ts';
import { rateLimits } from './rate-limits-schema.ts';
import { idempotency } from './idempotency-schema.ts';
import { displayName, name, section, text } from './schema-parts.ts';
import { outbox, webhook } from './webhooks-schema.ts';
import { agentSession, crossOrigin, limits, listen, presence, push, signIn } from './server-schema.ts';
import { demoAgents, demoContactCenterId, demoQueues, demoServices } from './demo.ts';

/**
 * The configuration file, YAML or JSON. A key with a `default` may be left out. This one schema is what the file is
 * checked with, what `Config` is derived from, what docs/parley.schema.json publishes and docs/configuration.md lists.
 */
export const configSchema = Type.Object(
  {
    listen,
    externalUrl: Type.Union(
      [
        text(300, {
          description: 'A URL.',
          pattern: '^https?://[^\\s?#@]+[^\\s?#@/]$',
          title: 'a URL such as https://chat.example.com (no "/" at the end)',
        }),
        Type.Null(),
      ],
      { description: 'What URIs on the wire begin with; null: `http://<host>:<port>`.', default: null },
    ),
    dataFolder: text(1024, {
      description: 'Where the data is kept, relative to the folder the server is started in.',
      default: './data',
    }),
    database,
    timeZone: Type.Union(
      [
        text(64, { description: 'A time zone.', title: 'an IANA time zone such as Europe/Tallinn' }),
        Type.Null(),
      ],
      {
        description: "The time zone of timestamps on the wire; null: the machine's.",
        default: null,
      },
    ),
    logLevel: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      description: 'The least severe lines that are logged.',
      default: 'info',
    }),
    contactCenter: Type.Object(
      {
        id: Type.String({
          description: "The contact centre's id. Agents' ids are derived from it: keep it.",
          pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
          title: 'a UUID in lower case',
          default: demoContactCenterId,
        }),
        name: displayName({ description: 'Its name.', default: 'Demo' }),
      },
      { ...section, description: 'The contact centre.' },
    ),
    agents: Type.Array(agent, {
      description: 'Everybody who signs in. Default: the demo people.',
      maxItems: 10_000,
      default: demoAgents,
    }),
    skills: Type.Array(name('A skill.'), {
      description: 'The skills that agents have and queues ask for.',
      uniqueItems: true,
      maxItems: 1000,
      default: [],
    }),
    queues: Type.Array(queue, { description: 'Where chats wait.', maxItems: 1000, default: demoQueues }),
    businessHours: Type.Array(businessHours, {
      description: 'Tables of opening hours, for queues and services.',
      maxItems: 200,
      default: [],
    }),
    services: Type.Array(service, {
      description: 'What customers write to.',
      maxItems: 1000,
      default: demoServices,
    }),
    agentStates: Type.Array(agentState, {
      description: 'Not-ready reasons besides the five built-in states.',
      maxItems: 100,
      default: [],
    }),
    dispositions: Type.Array(disposition, {
      description: 'How a chat can end, flat and in groups.',
      maxItems: 1000,
      default: demoDispositions,
    }),
    businessUnits: Type.Array(businessUnit, {
      description: 'Groups of agents that desktops show.',
      maxItems: 1000,
      default: demoBusinessUnits,
    }),
    businessAttributes: Type.Array(businessAttribute, {
      description: 'Named lists of values that desktops offer.',
      maxItems: 200,
      default: demoBusinessAttributes,
    }),
    standardResponses: Type.Array(standardResponse, {
      description: 'Texts that agents send again and again.',
      maxItems: 5000,
      default: demoStandardResponses,
    }),
    directory: Type.Array(directoryEntry, {
      description: 'Further contacts in the directory, besides agents and queues.',
      maxItems: 1000,
      default: [],
    }),
    settings: options(
      'What `/api/v2/settings/{group}` answers: group, key, value. A group that is given replaces nothing but itself.',
      defaultSettings,
    ),
    userSettings: options('The options of desktops: section, key, value.', defaultUserSettings),
    masking,
    log,
    retention,
    agentSession,
    presence,
    customers,
    signIn,
    crossOrigin,
    push,
    webhooks: Type.Array(webhook, {
      description: 'Receivers outside that are told of chats (docs/webhooks.md).',
      maxItems: 20,
      default: [],
    }),
    outbox,
    idempotency,
    limits,
    rateLimits,
    files,
    overload,
  },
  { title: 'Parley configuration', additionalProperties: false },
);

/** The file's value once defaults are in. */
export type ConfigFile = Type.Static<typeof configSchema>;
