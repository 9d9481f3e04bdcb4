import { refuse } from '@parley/contract/refusals.ts';
import type { SetUpGroup } from '@parley/contract/gws/set-up.ts';
import { features } from '../../presence/features.ts';
import { featureViews } from '../../views/me-view.ts';
import { wireIds } from '../../views/name-id.ts';
import {
  businessAttributeViews,
  businessUnitsOf,
  businessUnitView,
  dispositionView,
  queueRecord,
  serviceRecords,
  settingsSections,
  skillRecord,
} from '../../views/set-up-view.ts';
import type { AgentApi } from './agent-api.ts';
import type { AgentHandlers } from './agent-routes.ts';
import { collectionReply, depthOf, filtered } from './collection.ts';
import { groupById, groupsOfType } from './group-reading.ts';
import { readList } from './fields.ts';

type DesktopHandlers = Pick<
  AgentHandlers,
  | 'getSkills'
  | 'getSkill'
  | 'getQueues'
  | 'getQueue'
  | 'getFeatures'
  | 'getFeature'
  | 'getGroups'
  | 'getGroup'
  | 'getMyGroups'
  | 'getServices'
>;

/** What the contact centre consists of, as desktops load it (gws-agent-api §2.6, §8). */
export function desktopHandlers(api: AgentApi): DesktopHandlers {
  const { operations, wire, isDraining } = api;
  const { setUp, config } = operations;
  const skills = () => [...setUp.entries('skill').values()].map(({ name }) => skillRecord(name, wire));
  const queues = () => [...operations.queues.values()].map((queue) => queueRecord(queue, wire));
  const allFeatures = () =>
    featureViews(
      features.map(({ id }) => id),
      wire,
    );
  return {
    getSkills: ({ query }) => collectionReply('skills', filtered(skills(), { name: query.name }), query),
    getSkill({ parameters }) {
      const skill = skills().find(({ id }) => id === parameters.id);
      return skill ? { statusCode: 0, skill } : refuse('NotFound');
    },
    getQueues({ query }) {
      const { name, channel } = query;
      return collectionReply('queues', filtered(queues(), { name, channel }), query);
    },
    getQueue({ parameters }) {
      const queue = queues().find(({ id }) => id === parameters.id);
      return queue ? { statusCode: 0, queue } : refuse('NotFound');
    },
    getFeatures: ({ query }) => collectionReply('features', allFeatures(), query),
    getFeature({ parameters }) {
      const feature = allFeatures().find(({ id }) => id === parameters.id);
      return feature ? { statusCode: 0, feature } : refuse('NotFound');
    },
    getGroups({ query }) {
      const groups = groupsOfType(api, query.type, depthOf(query.subresources));
      return collectionReply('groups', filtered(groups, { name: query.name }), query);
    },
    getGroup({ parameters, query }) {
      const group = groupById(api, parameters.id, depthOf(query.subresources));
      return group ? { statusCode: 0, group } : refuse('NotFound');
    },
    getMyGroups({ agent, query }) {
      const { name, type } = query;
      const own = businessUnitsOf(config, agent.userName).map((unit): SetUpGroup =>
        businessUnitView(unit, wire),
      );
      return collectionReply('groups', filtered(own, { name, type }), query);
    },
    getServices({ query }) {
      const { name, type, state } = query;
      const services = filtered(serviceRecords(wire, isDraining()), { name, type, state });
      return collectionReply('services', services, query);
    },
  };
}

type OptionHandlers = Pick<
  AgentHandlers,
  | 'getDispositions'
  | 'getSettings'
  | 'getMySettings'
  | 'getMySettingsSection'
  | 'getInternalSettings'
  | 'getInternalContactCenter'
  | 'getBusinessAttributes'
  | 'getSearchIndex'
  | 'getMyDevices'
  | 'getMyDeviceSettings'
  | 'getDeviceSettings'
  | 'getMyCalls'
>;

/** Options, and what the web desktop asks of parts that a chat server does not have (gws-agent-api §2.6, §8.4). */
export function optionHandlers({ operations, wire, states }: AgentApi): OptionHandlers {
  const { config, setUp } = operations;
  const noDevice = () => refuse('NotFound', 'There are no devices: voice is not served here.');
  return {
    getDispositions() {
      const settings = [...setUp.entries('disposition').values()].map((one) => dispositionView(one, wire));
      return { statusCode: 0, key: 'name', settings };
    },
    getSettings({ parameters }) {
      const settings = Object.hasOwn(config.settings, parameters.group) && config.settings[parameters.group];
      return settings ? { statusCode: 0, key: 'name', settings: { ...settings } } : refuse('NotFound');
    },
    getMySettings: () => ({ statusCode: 0, settings: settingsSections(config, wire) }),
    getMySettingsSection({ parameters }) {
      const section = settingsSections(config, wire).find(({ name }) => name === parameters.section);
      return section ? { statusCode: 0, ...section } : refuse('NotFound');
    },
    getInternalSettings: () => ({
      statusCode: 0,
      resources: { agentStates: [...states.all], user: { settings: settingsSections(config, wire) } },
    }),
    getInternalContactCenter({ query }) {
      const { id, name } = config.contactCenter;
      const asked = query.subresources === undefined ? new Set<string>() : readList(query.subresources);
      const attributes =
        !asked || asked.has('businessAttributes')
          ? { businessAttributes: businessAttributeViews(config) }
          : {};
      return { statusCode: 0, resources: { id, name, ...attributes } };
    },
    getBusinessAttributes: () => ({ statusCode: 0, businessAttributes: businessAttributeViews(config) }),
    getSearchIndex: () => ({
      statusCode: 0,
      indexes: [
        { name: 'contact', fields: ['FirstName', 'LastName', 'EmailAddress', 'PhoneNumber'] },
        { name: 'interaction', fields: ['Text', 'Subject', 'ContactId', 'OwnerId', 'StartDate'] },
      ],
    }),
    getMyDevices: () => ({ statusCode: 0, devices: [] }),
    getMyDeviceSettings: noDevice,
    getDeviceSettings: noDevice,
    getMyCalls: () => ({ statusCode: 0, calls: [] }),
  };
}

/** The name of the skill with this id on the wire. */
export function nameOfId(names: Iterable<string>, id: string, kind: 'skill' | 'queue'): string | undefined {
  for (const name of names) if (wireIds[kind](name) === id) return name;
  return undefined;
}
