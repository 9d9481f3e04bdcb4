import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import { isRoleName, roleOfName } from '../../views/me-view.ts';
import { defaultFeatures } from '../../presence/features.ts';
import type { AgentId } from '../../domain/ids.ts';
import {
  changeSetUp,
  dismissAgent,
  refuseLastAdministrator,
  refuseTakenUserName,
  refuseUnknownSkills,
} from '../../operations/provision.ts';
import type { UserEntry } from '../../operations/set-up.ts';
import { auditEntry } from '../../views/audit-view.ts';
import type { AgentApi } from './agent-api.ts';
import { parseBody, type AgentHandlers } from './agent-routes.ts';
import { make, withGiven } from './provisioning-handlers.ts';

type UserHandlers = Pick<
  AgentHandlers,
  'createUser' | 'updateUser' | 'deleteUser' | 'getAudit' | 'verifyAudit'
>;

const done = { statusCode: 0 } as const;

interface GivenUser {
  readonly roles?: readonly string[] | undefined;
  readonly skills?: readonly { readonly name: string; readonly level: number | string }[] | undefined;
  readonly features?: UserEntry['features'] | undefined;
  readonly password?: string | undefined;
}

/** What the body says of roles, skills and the password, in the set-up's form. The features follow the roles. */
async function entryParts(
  api: AgentApi,
  given: GivenUser,
): Promise<Partial<Pick<UserEntry, 'roles' | 'skills' | 'features' | 'passwordHash'>> | Refusal> {
  const { roles: names, skills, features, password } = given;
  const refused = refuseUnknownSkills(
    api.operations,
    (skills ?? []).map(({ name }) => name),
  );
  if (refused) return refused;
  const roles = names?.filter(isRoleName).map(roleOfName);
  return {
    ...(roles && { roles: [...new Set(roles)], features: defaultFeatures(roles) }),
    ...(features && { features }),
    ...(skills && { skills: Object.fromEntries(skills.map(({ name, level }) => [name, Number(level)])) }),
    ...(password !== undefined && { passwordHash: await api.hashPassword(password) }),
  };
}

/** Users and the audit, for administrators (gws-agent-api §8.5). */
export function userHandlers(api: AgentApi): UserHandlers {
  const { operations, wire } = api;
  const users = () => operations.setUp.entries('user');
  return {
    async createUser({ agent, body }) {
      const read = parseBody('createUser', body);
      if (isRefusal(read)) return read;
      const { password, roles = ['ROLE_AGENT'], skills = [], features, ...plain } = read;
      const parts = await entryParts(api, { password, roles, skills, features });
      if (isRefusal(parts)) return parts;
      // Hashing takes a moment: whether the name is free is asked when nothing can come between.
      const taken = refuseTakenUserName(operations, read.userName);
      if (taken) return taken;
      const id = Buffer.from(operations.random(16)).toString('hex') as AgentId;
      const after = withGiven({ ...newUser(id, read.userName), ...parts }, plain);
      return make(api, agent, { kind: 'user', id, after }, ['users', id]);
    },

    async updateUser({ agent, parameters, body }) {
      const id = parameters.userId as AgentId;
      if (!users().has(id)) return refuse('NotFound', 'There is no such user.');
      const read = parseBody('updateUser', body);
      if (isRefusal(read)) return read;
      const { password, roles, skills, features, userName, ...plain } = read;
      const parts = await entryParts(api, { password, roles, skills, features });
      if (isRefusal(parts)) return parts;
      const user = users().get(id);
      if (!user) return refuse('NotFound', 'There is no such user.');
      if (userName !== undefined && userName !== user.userName)
        return refuse('ReadOnly', 'A user keeps their user name.');
      const after = withGiven({ ...user, ...parts }, plain);
      const refused = refuseLastAdministrator(operations, id, after);
      if (refused) return refused;
      await changeSetUp(operations, agent, { kind: 'user', id, after });
      if (user.enabled && !after.enabled) await dismissAgent(operations, id, { forget: false });
      return done;
    },

    async deleteUser({ agent, parameters }) {
      const id = parameters.userId as AgentId;
      if (!users().has(id)) return refuse('NotFound', 'There is no such user.');
      const refused = refuseLastAdministrator(operations, id, undefined);
      if (refused) return refused;
      await changeSetUp(operations, agent, { kind: 'user', id, after: undefined });
      await dismissAgent(operations, id, { forget: true });
      return done;
    },

    async getAudit({ query }) {
      const rows = await operations.audit.rows(query.after ?? 0, query.limit ?? 100);
      return { statusCode: 0, audit: rows.map((row) => auditEntry(row, wire)) };
    },

    verifyAudit: async () => ({ statusCode: 0, ...(await operations.audit.verify()) }),
  };
}

function newUser(id: AgentId, userName: string): UserEntry {
  return {
    id,
    userName,
    firstName: '',
    lastName: '',
    nickname: userName,
    roles: ['agent'],
    skills: {},
    queues: null,
    chatCapacity: 3,
    features: defaultFeatures(['agent']),
    enabled: true,
    changePasswordOnFirstLogin: false,
  };
}
