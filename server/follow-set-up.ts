import type { Accounts, ChangedAccount } from './auth/accounts.ts';
import type { AgentId } from './domain/ids.ts';
import type { SetUp, SetUpChange, UserEntry } from './operations/set-up.ts';
import type { AgentStates } from './presence/agent-states.ts';

export interface FollowSetUpOptions {
  readonly setUp: SetUp;
  readonly states: AgentStates;
  readonly accounts: Accounts;
  /** Ends all push sessions and WebSockets of an agent. */
  readonly endPush: (agentId: AgentId) => void;
}

function account({ id, userName, passwordHash, enabled }: UserEntry): ChangedAccount {
  return { id, userName, passwordHash, enabled };
}

/** Lets those who keep something made of the set-up follow its changes: sign-in, push sessions, agent states. */
export function followSetUp({ setUp, states, accounts, endPush }: FollowSetUpOptions): void {
  setUp.onChange((change: SetUpChange) => {
    if (change.kind === 'agent-state') states.replaceCustom(setUp.entries('agent-state').values());
    if (change.kind !== 'user') return;
    const { before, after } = change;
    if (after) accounts.put(account(after), before && account(before));
    else if (before) accounts.remove(before);
    // Push sessions that carry the password with every request belong to no login session.
    if (before && (!after?.enabled || after.passwordHash !== before.passwordHash)) endPush(before.id);
  });
}
