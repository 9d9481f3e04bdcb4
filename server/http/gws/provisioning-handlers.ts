import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import { queueWithDefaults } from '../../config/queue-defaults.ts';
import { builtInStates, reservedOperationNames } from '../../presence/agent-states.ts';
import {
  changeSetUp,
  type SetUpRequest,
  refuseQueueInUse,
  refuseSkillInUse,
  refuseUnknownSkills,
} from '../../operations/provision.ts';
import { foretell } from '../../operations/keyed-request.ts';
import type { ConfiguredAgent } from '../../operations/people.ts';
import type { SetUpEntries, SetUpKind } from '../../operations/set-up.ts';
import { idOfName, wireIds } from '../../views/name-id.ts';
import type { WireFormat } from '../../views/wire-format.ts';
import type { AgentApi } from './agent-api.ts';
import { parseBody, type AgentHandlers, type AgentRequest, type BodyRouteKey } from './agent-routes.ts';
import { nameOfId } from './desktop-handlers.ts';

type Create = (request: AgentRequest<'createSkill'>) => Promise<Created | Refusal>;
type Created = { statusCode: 0; id: string; uri: string; path: string };

const done = { statusCode: 0 } as const;

/** The answer to a POST that made something: where it is. */
function created(wire: WireFormat, collection: string, id: string): Created {
  const path = `/${collection}/${encodeURIComponent(id)}`;
  return { statusCode: 0, id, uri: wire.uri(path), path };
}

/** Makes an entry of the set-up. What is answered is said before, so that it can be answered again. */
export async function make<Kind extends SetUpKind>(
  { operations, wire }: AgentApi,
  by: ConfiguredAgent,
  entry: SetUpRequest<Kind>,
  [collection, id]: readonly [collection: string, id: string],
): Promise<Created> {
  const answer = foretell(created(wire, collection, id));
  await changeSetUp(operations, by, entry);
  return answer;
}

type SkillAndQueueHandlers = Pick<
  AgentHandlers,
  'createSkill' | 'deleteSkill' | 'createQueue' | 'updateQueue' | 'deleteQueue'
>;

/** Skills and queues, for administrators (gws-agent-api §1.4). */
export function skillAndQueueHandlers(api: AgentApi): SkillAndQueueHandlers {
  const { operations } = api;
  const { setUp } = operations;
  const queueOf = (id: string) =>
    operations.queues.get(nameOfId(operations.queues.keys(), id, 'queue') ?? '');
  const createSkill: Create = async ({ agent, body }) => {
    const read = parseBody('createSkill', body);
    if (isRefusal(read)) return read;
    const { name } = read;
    if (setUp.entries('skill').has(name)) return refuse('AlreadyExists');
    return make(api, agent, { kind: 'skill', id: name, after: { name } }, ['skills', wireIds.skill(name)]);
  };
  return {
    createSkill,
    async deleteSkill({ agent, parameters }) {
      const name = nameOfId(setUp.entries('skill').keys(), parameters.id, 'skill');
      if (name === undefined) return refuse('NotFound', 'There is no such skill.');
      const refused = refuseSkillInUse(operations, name);
      if (refused) return refused;
      await changeSetUp(operations, agent, { kind: 'skill', id: name, after: undefined });
      return done;
    },
    async createQueue({ agent, body }) {
      const read = parseBody('createQueue', body);
      if (isRefusal(read)) return read;
      if (operations.queues.has(read.name)) return refuse('AlreadyExists');
      const refused = refuseUnknownSkills(
        operations,
        (read.skills ?? []).map(({ skill }) => skill),
      );
      if (refused) return refused;
      const after = withGiven(queueWithDefaults(read.name), read);
      return make(api, agent, { kind: 'queue', id: read.name, after }, ['queues', wireIds.queue(read.name)]);
    },
    async updateQueue({ agent, parameters, body }) {
      const queue = queueOf(parameters.id);
      if (!queue) return refuse('NotFound', 'There is no such queue.');
      const read = parseBody('updateQueue', body);
      if (isRefusal(read)) return read;
      if (read.name !== undefined && read.name !== queue.name)
        return refuse('ReadOnly', 'A queue keeps its name.');
      const refused = refuseUnknownSkills(
        operations,
        (read.skills ?? []).map(({ skill }) => skill),
      );
      if (refused) return refused;
      await changeSetUp(operations, agent, { kind: 'queue', id: queue.name, after: withGiven(queue, read) });
      return done;
    },
    async deleteQueue({ agent, parameters }) {
      const queue = queueOf(parameters.id);
      if (!queue) return refuse('NotFound', 'There is no such queue.');
      const refused = refuseQueueInUse(operations, queue.name);
      if (refused) return refused;
      await changeSetUp(operations, agent, { kind: 'queue', id: queue.name, after: undefined });
      return done;
    },
  };
}

/** The entry with what was given put over it; what was not given stays. */
export function withGiven<Entry extends object>(
  entry: Entry,
  given: { readonly [Key in keyof Entry]?: Entry[Key] | undefined },
): Entry {
  const changes = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...entry, ...(Object.fromEntries(changes) as Partial<Entry>) };
}

interface NamedThing<Kind extends SetUpKind, Body extends BodyRouteKey> {
  readonly kind: Kind;
  readonly body: Body;
  /** What of the body must stay as it is. */
  readonly fixed: string;
}

/** The PUT of a thing that keeps its name. */
async function update<Kind extends SetUpKind, Body extends BodyRouteKey>(
  { operations }: AgentApi,
  { agent, body, id }: Pick<AgentRequest<'updateDisposition'>, 'agent' | 'body'> & { readonly id: string },
  { kind, body: key, fixed }: NamedThing<Kind, Body>,
): Promise<typeof done | Refusal> {
  const entry = operations.setUp.entries(kind).get(id);
  if (!entry) return refuse('NotFound');
  const read = parseBody(key, body);
  if (isRefusal(read)) return read;
  const given = read as Readonly<Record<string, unknown>>;
  if (given[fixed] !== undefined && given[fixed] !== id)
    return refuse('ReadOnly', `The property "${fixed}" cannot be changed.`);
  const after = withGiven<SetUpEntries[Kind]>(entry, given as never);
  await changeSetUp(operations, agent, { kind, id, after });
  return done;
}

async function remove(
  { operations }: AgentApi,
  { agent }: Pick<AgentRequest<'deleteDisposition'>, 'agent'>,
  { kind, id }: { readonly kind: SetUpKind; readonly id: string },
): Promise<typeof done | Refusal> {
  if (!operations.setUp.entries(kind).has(id)) return refuse('NotFound');
  await changeSetUp(operations, agent, { kind, id, after: undefined });
  return done;
}

type SettingHandlers = Pick<
  AgentHandlers,
  | 'createDisposition'
  | 'updateDisposition'
  | 'deleteDisposition'
  | 'createAgentState'
  | 'updateAgentState'
  | 'deleteAgentState'
>;

/** Dispositions and not-ready reasons, for administrators (gws-agent-api §8.3, §6.2). */
export function settingHandlers(api: AgentApi): SettingHandlers {
  const { operations } = api;
  const { setUp } = operations;
  const builtIn = new Set([...builtInStates.map((state) => state.operationName), ...reservedOperationNames]);
  return {
    async createDisposition({ agent, body }) {
      const read = parseBody('createDisposition', body);
      if (isRefusal(read)) return read;
      const { name, displayName = name, group = null } = read;
      if (setUp.entries('disposition').has(name)) return refuse('AlreadyExists');
      const after = { name, displayName, group };
      return make(api, agent, { kind: 'disposition', id: name, after }, ['settings/dispositions', name]);
    },
    updateDisposition: (request) =>
      update(
        api,
        { ...request, id: request.parameters.name },
        { kind: 'disposition', body: 'updateDisposition', fixed: 'name' },
      ),
    deleteDisposition: (request) =>
      remove(api, request, { kind: 'disposition', id: request.parameters.name }),

    async createAgentState({ agent, body }) {
      const after = parseBody('createAgentState', body);
      if (isRefusal(after)) return after;
      const { operationName } = after;
      if (builtIn.has(operationName) || setUp.entries('agent-state').has(operationName))
        return refuse('AlreadyExists', `There is a state "${operationName}" already.`);
      return make(api, agent, { kind: 'agent-state', id: operationName, after }, [
        'settings/agent-states',
        operationName,
      ]);
    },
    updateAgentState: (request) =>
      update(
        api,
        { ...request, id: request.parameters.name },
        { kind: 'agent-state', body: 'updateAgentState', fixed: 'operationName' },
      ),
    async deleteAgentState(request) {
      const { name } = request.parameters;
      if (name === operations.config.agentSession.stateAfterLogin)
        return refuse('InUse', 'Sessions start in this state.');
      return remove(api, request, { kind: 'agent-state', id: name });
    },
  };
}

type TextHandlers = Pick<
  AgentHandlers,
  'createResponseTemplate' | 'updateResponseTemplate' | 'deleteResponseTemplate'
>;

/** Standard responses, for administrators (gws-agent-api §8.2). */
export function textHandlers(api: AgentApi): TextHandlers {
  const { operations } = api;
  return {
    async createResponseTemplate({ agent, body }) {
      const read = parseBody('createResponseTemplate', body);
      if (isRefusal(read)) return read;
      const { name, language = 'English', subject = '', description = '', approved = true } = read;
      const category = read.category ?? 'General';
      const id = idOfName(`response:${Buffer.from(operations.random(16)).toString('hex')}`);
      const after = { id, name, body: read.body, language, category, subject, description, approved };
      return make(api, agent, { kind: 'standard-response', id, after }, ['response-templates', id]);
    },
    updateResponseTemplate: (request) =>
      update(
        api,
        { ...request, id: request.parameters.id },
        { kind: 'standard-response', body: 'updateResponseTemplate', fixed: 'id' },
      ),
    deleteResponseTemplate: (request) =>
      remove(api, request, { kind: 'standard-response', id: request.parameters.id }),
  };
}
