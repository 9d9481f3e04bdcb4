import type {
  BusinessAttribute,
  Disposition,
  QueueRecord,
  ResponseTemplate,
  ServiceRecord,
  SettingsSection,
  SetUpGroup,
  SkillRecord,
} from '@parley/contract/gws/set-up.ts';
import type { Config, DispositionConfig, QueueConfig, StandardResponseConfig } from '../config/config.ts';
import { fieldCodesIn } from '../operations/standard-responses.ts';
import { idOfName, wireIds } from './name-id.ts';
import type { WireFormat } from './wire-format.ts';

/** `id`, `uri` and `path` of a thing below a collection. */
function address(wire: WireFormat, collection: string, id: string) {
  const path = `/${collection}/${id}`;
  return { id, uri: wire.uri(path), path };
}

export function skillRecord(name: string, wire: WireFormat): SkillRecord {
  return { ...address(wire, 'skills', wireIds.skill(name)), name };
}

export function queueRecord(queue: QueueConfig, wire: WireFormat): QueueRecord {
  const { name, priority, skills } = queue;
  return {
    ...address(wire, 'queues', wireIds.queue(name)),
    name,
    description: '',
    channel: 'chat',
    phoneNumber: '',
    internal: false,
    priority,
    skills: skills.map(({ skill, level }) => ({ skill, level })),
  };
}

export function dispositionView(disposition: DispositionConfig, wire: WireFormat): Disposition {
  const { name, displayName, group } = disposition;
  const path = `/settings/dispositions/${encodeURIComponent(name)}`;
  return { id: idOfName(`disposition:${name}`), name, displayName, group, uri: wire.uri(path), path };
}

/** A business unit as a group (gws-agent-api §2.7, §8.3). */
export function businessUnitView(name: string, wire: WireFormat): SetUpGroup {
  return {
    ...address(wire, 'groups', wireIds.businessUnit(name)),
    name,
    type: 'BusinessUnit',
    contains: ['users'],
    defaultGroup: false,
  };
}

/** The business units somebody belongs to. */
export function businessUnitsOf(config: Config, userName: string): readonly string[] {
  return config.businessUnits
    .filter(({ agents }) => agents === null || agents.includes(userName))
    .map(({ name }) => name);
}

export function settingsSections(config: Config, wire: WireFormat): SettingsSection[] {
  return Object.entries(config.userSettings).map(([name, values]) => {
    const path = `/me/settings/${encodeURIComponent(name)}`;
    const settings = Object.entries(values).map(([key, value]) => ({ name: key, value }));
    return { name, displayName: name, key: 'name', uri: wire.uri(path), path, settings };
  });
}

export function businessAttributeViews(config: Config): BusinessAttribute[] {
  return config.businessAttributes.map(({ name, displayName = name, description, values }) => ({
    name,
    displayName,
    description,
    userProperties: [],
    values: values.map((value) => ({
      name: value.name,
      displayName: value.displayName ?? value.name,
      description: value.description,
      userProperties: [],
      default: value.default,
    })),
  }));
}

const services = [
  { type: 'Provisioning', name: 'Configuration' },
  { type: 'MultiMediaState', name: 'Chats and routing' },
  { type: 'MultiMediaContent', name: 'Contacts and history' },
] as const;

/** The parts of the contact centre (gws-agent-api §8.5); all of them stop together, when the server drains. */
export function serviceRecords(wire: WireFormat, isDraining: boolean): ServiceRecord[] {
  const state = isDraining ? 'Inactive' : 'Active';
  return services.map(({ type, name }) => ({
    ...address(wire, 'services', wireIds.service(type)),
    name,
    type,
    state,
  }));
}

/** A standard response; what it does not have is left out (gws-agent-api §8.2). */
export function responseTemplateView(
  response: StandardResponseConfig,
  groupId: string,
  wire: WireFormat,
): ResponseTemplate {
  const { id, name, subject, body, description, language, category, approved } = response;
  return {
    ...address(wire, 'response-templates', id),
    name,
    ...(subject === '' ? {} : { subject }),
    body,
    ...(description === '' ? {} : { description }),
    language,
    category,
    groupUri: wire.uri(`/groups/${groupId}`),
    approved,
    attachments: [],
    customFieldCodes: [...fieldCodesIn(`${subject} ${body}`)],
  };
}
