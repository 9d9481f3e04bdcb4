import type { AgentApi } from './agent-api.ts';
import type { AgentHandlers } from './agent-routes.ts';

type SettingsHandlers = Pick<AgentHandlers, 'getAgentStates' | 'getVersion'>;

/** What a desktop asks once at its start (gws-agent-api §2.6, §8.4, §8.5). */
export function settingsHandlers({ states, version }: AgentApi): SettingsHandlers {
  return {
    getAgentStates: () => ({ statusCode: 0, key: 'name', settings: [...states.all] }),
    getVersion: () => ({ statusCode: 0, version }),
  };
}
