import { describe, expect, it } from 'vitest';
import { agentStates, builtInStates } from './agent-states.ts';

const states = agentStates([
  { operationName: 'Lunch', displayName: 'At lunch' },
  { operationName: 'Training', displayName: 'Training' },
]);

describe('agent states', () => {
  it('are the five of every contact centre with the ids of gws-agent-api §6.2, then the custom reasons', () => {
    expect(builtInStates.map(({ id, operationName, state }) => [id, operationName, state])).toEqual([
      ['9430250E-0A1B-421F-B372-F29E69366DED', 'Ready', 'Ready'],
      ['900D55CC-2BB0-431F-8BF9-D3525B383BE6', 'NotReady', 'NotReady'],
      ['0F7F5003-EF26-4D13-A6Ef-D0C7EC819BEB', 'Offline', 'Logout'],
      ['D3663509-3D82-4DD3-A82E-2EA8EFA02AEF', 'AfterCallWork', 'NotReady'],
      ['2B36138D-C564-4562-A8CB-3C32D564F296', 'AuxWork', 'NotReady'],
    ]);
    expect(states.all.map((state) => state.operationName).slice(5)).toEqual(['Lunch', 'Training']);
  });

  it('of a custom reason keep their id whatever else is configured', () => {
    const alone = agentStates([{ operationName: 'Lunch', displayName: 'Other' }]).byOperationName('Lunch');
    expect(alone?.id).toBe(states.byOperationName('Lunch')?.id);
    expect(alone?.id).toMatch(/^[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/);
    expect(new Set(states.all.map((state) => state.id)).size).toBe(7);
  });

  it('are shown as user states', () => {
    expect(states.userState('Ready')).toEqual({
      id: '9430250E-0A1B-421F-B372-F29E69366DED',
      displayName: 'Ready',
      state: 'Ready',
    });
    expect(states.userState('Offline').state).toBe('LoggedOut');
    expect(states.userState('AfterCallWork').workMode).toBe('AfterCallWork');
    expect(states.userState('Lunch')).toMatchObject({
      displayName: 'At lunch',
      state: 'NotReady',
      reason: 'Lunch',
    });
  });

  it('that are gone are shown as not ready', () => {
    expect(states.userState('Smoking')).toEqual(states.userState('NotReady'));
  });

  it.each(['ready', '__proto__', 'toString', ''])('have none called %j', (name) => {
    expect(states.byOperationName(name)).toBeUndefined();
  });
});
