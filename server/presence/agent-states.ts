import { createHash } from 'node:crypto';
import type { AgentStateDescriptor, UserState } from '@parley/contract/gws/agent-state.ts';

/** The five states every contact centre has. The ids, the mixed case included, are those seen in live systems. */
export const builtInStates: readonly AgentStateDescriptor[] = [
  {
    id: '9430250E-0A1B-421F-B372-F29E69366DED',
    operationName: 'Ready',
    displayName: 'Ready',
    state: 'Ready',
  },
  {
    id: '900D55CC-2BB0-431F-8BF9-D3525B383BE6',
    operationName: 'NotReady',
    displayName: 'Not Ready',
    state: 'NotReady',
  },
  {
    id: '0F7F5003-EF26-4D13-A6Ef-D0C7EC819BEB',
    operationName: 'Offline',
    displayName: 'Offline',
    state: 'Logout',
  },
  {
    id: 'D3663509-3D82-4DD3-A82E-2EA8EFA02AEF',
    operationName: 'AfterCallWork',
    displayName: 'After Call Work',
    state: 'NotReady',
    workMode: 'AfterCallWork',
  },
  {
    id: '2B36138D-C564-4562-A8CB-3C32D564F296',
    operationName: 'AuxWork',
    displayName: 'Aux Work',
    state: 'NotReady',
    workMode: 'AuxWork',
  },
];

/** Operations of `/me` and its channels that are no states; a custom reason cannot take their names. */
export const reservedOperationNames: readonly string[] = [
  'StartContactCenterSession',
  'EndContactCenterSession',
  'DoNotDisturbOn',
  'DoNotDisturbOff',
  'Monitor',
  'Coach',
  'BargeIn',
  'CancelSupervisorMonitoring',
];

/** A UUID (version 8) that depends on the name alone, so that it outlives restarts and edits of other reasons. */
function idOfReason(operationName: string): string {
  const bytes = createHash('sha256').update(`agent-state:${operationName}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex').toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The states of a contact centre, found by the operation that chooses them. */
export interface AgentStates {
  /** The built-in ones, then the custom reasons in the order of the configuration. */
  readonly all: readonly AgentStateDescriptor[];
  byOperationName(operationName: string): AgentStateDescriptor | undefined;
  /** The reasons of the contact centre have changed: these are all of them now. */
  replaceCustom(reasons: Iterable<Reason>): void;
  /** The wire form; a name that is no longer configured (a stored state after an edit) is shown as NotReady. */
  userState(operationName: string): UserState;
}

interface Reason {
  readonly operationName: string;
  readonly displayName: string;
}

function descriptorsOf(custom: Iterable<Reason>): readonly AgentStateDescriptor[] {
  const reasons = Array.from(custom, ({ operationName, displayName }): AgentStateDescriptor => {
    return {
      id: idOfReason(operationName),
      operationName,
      displayName,
      state: 'NotReady',
      reason: operationName,
    };
  });
  return [...builtInStates, ...reasons];
}

/** Adds the not-ready reasons to the built-in states. Names must be unique (the configuration checks). */
export function agentStates(custom: Iterable<Reason>): AgentStates {
  let all: readonly AgentStateDescriptor[] = [];
  let byName = new Map<string, AgentStateDescriptor>();
  const replace = (reasons: Iterable<Reason>): void => {
    all = descriptorsOf(reasons);
    byName = new Map(all.map((descriptor) => [descriptor.operationName, descriptor]));
  };
  replace(custom);
  return {
    get all() {
      return all;
    },
    replaceCustom: replace,
    byOperationName: (operationName) => byName.get(operationName),
    userState(operationName) {
      const found = byName.get(operationName) ?? byName.get('NotReady');
      if (!found) throw new Error('NotReady is built in');
      const { id, displayName, state, workMode, reason } = found;
      return {
        id,
        displayName,
        state: state === 'Logout' ? 'LoggedOut' : state,
        ...(workMode && { workMode }),
        ...(reason !== undefined && { reason }),
      };
    },
  };
}
