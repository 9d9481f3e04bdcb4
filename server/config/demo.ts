/** The password of everybody in the demo contact centre. With it, the server listens on loopback only. */
export const demoPassword = 'demo';

export const demoContactCenterId = '5b6cf4a9-9d3a-4f0e-8a51-1c3f0f1d7e42';

function person(userName: string, roles: string[]) {
  const firstName = userName.charAt(0).toUpperCase() + userName.slice(1);
  return { userName, firstName, password: demoPassword, roles };
}

/** What the file would say for the demo contact centre; each key left out takes its own default. */
export const demoAgents = [
  person('marat', ['agent']),
  person('kristi', ['agent']),
  person('sofia', ['agent', 'supervisor']),
  person('admin', ['admin']),
];

export const demoQueues = [{ name: 'support' }];

export const demoServices = [{ name: 'customer-support', queue: 'support' }];
