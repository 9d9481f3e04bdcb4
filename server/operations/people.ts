import type { Config } from '../config/config.ts';
import type { AgentId } from '../domain/ids.ts';

/** An agent as configured, with what is derived once at start. */
export interface ConfiguredAgent {
  readonly agentId: AgentId;
  readonly userName: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly emailAddress: string;
  readonly employeeId: string;
  readonly nickname: string;
  readonly roles: Config['agents'][number]['roles'];
  readonly skills: ReadonlyMap<string, number>;
  /** Queues the agent serves; null means all. */
  readonly queues: ReadonlySet<string> | null;
  readonly chatCapacity: number;
  readonly features: ReadonlySet<string>;
}
