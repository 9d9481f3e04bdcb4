import type { FeatureId } from '@parley/contract/gws/user.ts';
import type { AgentId } from '../domain/ids.ts';
import { demoPassword } from './demo.ts';
import type { ConfigFile } from './schema.ts';

type DeepReadonly<Value> = Value extends readonly (infer Entry)[]
  ? readonly DeepReadonly<Entry>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> }
    : Value;

type AgentEntry = ConfigFile['agents'][number];

/** An agent with everything that has a default filled in. Exactly one of `password` and `passwordHash` is there. */
export type AgentConfig = DeepReadonly<Omit<AgentEntry, 'id' | 'features' | 'nickname'>> & {
  readonly id: AgentId;
  readonly features: readonly FeatureId[];
  readonly nickname: string;
};

/** A disposition with its display name filled in. */
export type DispositionConfig = DeepReadonly<
  Required<Pick<ConfigFile['dispositions'][number], 'name' | 'displayName' | 'group'>>
>;

/** Opening hours with their time zone filled in. */
export type BusinessHoursConfig = DeepReadonly<Omit<ConfigFile['businessHours'][number], 'timeZone'>> & {
  readonly timeZone: string;
};

/** A standard response with its id filled in. */
export type StandardResponseConfig = DeepReadonly<Omit<ConfigFile['standardResponses'][number], 'id'>> & {
  readonly id: string;
};

/**
 * The whole configuration: the file's shape (docs/configuration.md) after defaults and environment, checked, deeply
 * frozen. Besides the schema's defaults these are filled in: `timeZone` with the machine's, those of `businessHours` too, each agent's `id`,
 * `features` and `nickname`, each disposition's `displayName`, each standard response's `id`, and the groups and
 * sections of `settings` and `userSettings` that the file does not name.
 */
export type Config = DeepReadonly<
  Omit<ConfigFile, 'agents' | 'businessHours' | 'timeZone' | 'dispositions' | 'standardResponses'>
> & {
  readonly agents: readonly AgentConfig[];
  readonly timeZone: string;
  readonly businessHours: readonly BusinessHoursConfig[];
  readonly dispositions: readonly DispositionConfig[];
  readonly standardResponses: readonly StandardResponseConfig[];
};

export type QueueConfig = Config['queues'][number];
export type ServiceConfig = Config['services'][number];

/** Whether anybody can sign in with the password that is printed in the documentation. */
export function usesDemoPasswords(config: Config): boolean {
  return config.agents.some((agent) => agent.password === demoPassword);
}
