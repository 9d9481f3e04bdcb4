import type { AgentConfig } from '../config/config.ts';
import type { AgentId } from '../domain/ids.ts';

/** An agent as configured, with what is looked up often made ready to be looked up. */
export interface ConfiguredAgent extends Pick<
  AgentConfig,
  'userName' | 'firstName' | 'lastName' | 'nickname' | 'roles' | 'chatCapacity'
> {
  readonly agentId: AgentId;
  readonly emailAddress: string;
  readonly employeeId: string;
  /** Skill → level, 0 to 10. */
  readonly skills: ReadonlyMap<string, number>;
  /** Queues the agent serves; null means all. */
  readonly queues: ReadonlySet<string> | null;
  readonly features: AgentConfig['features'];
}

export function configuredAgent(agent: Omit<AgentConfig, 'password'>): ConfiguredAgent {
  const { id, userName, firstName, lastName, nickname, roles, chatCapacity, features } = agent;
  return {
    agentId: id,
    userName,
    firstName,
    lastName,
    nickname,
    roles,
    chatCapacity,
    features,
    emailAddress: agent.emailAddress ?? '',
    employeeId: agent.employeeId ?? userName,
    skills: new Map(Object.entries(agent.skills)),
    queues: agent.queues && new Set(agent.queues),
  };
}
