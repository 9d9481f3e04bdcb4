import { parsePasswordHash } from '../auth/password-hash.ts';
import { builtInStates, reservedOperationNames } from '../presence/agent-states.ts';
import type { ConfigFile } from './schema.ts';
import { suggestion } from './near-miss.ts';
import { identityChecks } from './identity-checks.ts';
import { limitChecks } from './limit-checks.ts';
import { maskingChecks } from './masking-checks.ts';
import type { ConfigPath, Problem } from './problem.ts';
import { routingChecks } from './routing-checks.ts';
import { webhookChecks } from './webhook-checks.ts';

/** What the schema cannot say: names that must be unique, or exist elsewhere; values only code can judge. */
export function crossChecks(config: ConfigFile): readonly Problem[] {
  return [
    ...uniqueNames(config),
    ...config.agents.flatMap((agent, position) => checkAgent(config, agent, ['agents', position])),
    ...checkPlaces(config),
    ...checkUnits(config),
    ...checkStates(config),
    ...checkWorld(config),
    ...routingChecks(config),
    ...limitChecks(config),
    ...identityChecks(config),
    ...webhookChecks(config),
    ...maskingChecks(config),
  ];
}

/** Each value once; `fold` makes equal what is the same name. */
function unique(
  values: readonly (string | undefined)[],
  path: (position: number) => ConfigPath,
  fold: (value: string) => string = (value) => value,
): Problem[] {
  const firstAt = new Map<string, number>();
  return values.flatMap((value, position) => {
    if (value === undefined) return [];
    const first = firstAt.get(fold(value));
    if (first !== undefined) {
      return {
        path: path(position),
        sentence: `${JSON.stringify(value)} is taken already (by entry [${first}])`,
      };
    }
    firstAt.set(fold(value), position);
    return [];
  });
}

function uniqueNames(config: ConfigFile): Problem[] {
  const { agents, queues, services, agentStates } = config;
  const { dispositions, businessUnits, businessAttributes, directory, businessHours, masking } = config;
  const lowerCase = (value: string): string => value.normalize('NFC').toLowerCase();
  return [
    ...unique(
      agents.map((agent) => agent.userName),
      (position) => ['agents', position, 'userName'],
      lowerCase,
    ),
    ...unique(
      agents.map((agent) => agent.id),
      (position) => ['agents', position, 'id'],
    ),
    ...unique(
      queues.map((queue) => queue.name),
      (position) => ['queues', position, 'name'],
    ),
    ...unique(
      services.map((service) => service.name),
      (position) => ['services', position, 'name'],
    ),
    ...unique(
      agentStates.map((state) => state.operationName),
      (position) => ['agentStates', position, 'operationName'],
    ),
    ...unique(
      masking.rules.map((rule) => rule.name),
      (position) => ['masking', 'rules', position, 'name'],
    ),
    ...Object.entries({ dispositions, businessUnits, businessAttributes, directory, businessHours }).flatMap(
      ([key, entries]) =>
        unique(
          entries.map((entry) => entry.name),
          (position) => [key, position, 'name'],
        ),
    ),
  ];
}

function checkUnits(config: ConfigFile): Problem[] {
  const userNames = config.agents.map((agent) => agent.userName);
  return config.businessUnits.flatMap(({ agents }, position) =>
    (agents ?? []).flatMap((userName, entry) =>
      known(userName, userNames, {
        path: ['businessUnits', position, 'agents', entry],
        what: 'agent',
        where: 'agents',
      }),
    ),
  );
}

/** A name that must be in the list; `where` is the key of that list. */
function known(
  name: string,
  names: readonly string[],
  at: { path: ConfigPath; what: string; where: string },
): Problem[] {
  if (names.includes(name)) return [];
  const there = names.length === 0 ? 'is empty' : `has ${names.slice(0, 20).join(', ')}`;
  const sentence = `there is no ${at.what} ${JSON.stringify(name)};${suggestion(name, names)} \`${at.where}\` ${there}`;
  return [{ path: at.path, sentence }];
}

function checkAgent(config: ConfigFile, agent: ConfigFile['agents'][number], path: ConfigPath): Problem[] {
  const queueNames = config.queues.map((queue) => queue.name);
  const skillProblems = Object.keys(agent.skills).flatMap((skill) =>
    known(skill, config.skills, { path: [...path, 'skills', skill], what: 'skill', where: 'skills' }).map(
      (problem): Problem => ({ ...problem, ofKey: true }),
    ),
  );
  const queueProblems = (agent.queues ?? []).flatMap((queue, position) =>
    known(queue, queueNames, { path: [...path, 'queues', position], what: 'queue', where: 'queues' }),
  );
  return [...checkPassword(agent, path), ...skillProblems, ...queueProblems];
}

function checkPassword(
  { password, passwordHash }: Pick<ConfigFile['agents'][number], 'password' | 'passwordHash'>,
  path: ConfigPath,
): Problem[] {
  if (password === undefined && passwordHash === undefined) {
    return [{ path, sentence: 'missing; needed: password or passwordHash' }];
  }
  if (passwordHash === undefined) return [];
  if (password !== undefined) {
    return [{ path, sentence: 'found both password and passwordHash; allowed: one of them' }];
  }
  const parsed = parsePasswordHash(passwordHash);
  return typeof parsed === 'string' ? [{ path: [...path, 'passwordHash'], sentence: parsed }] : [];
}

function checkPlaces(config: ConfigFile): Problem[] {
  const queueNames = config.queues.map((queue) => queue.name);
  const skills = config.queues.flatMap((queue, position) => [
    ...unique(
      queue.skills.map((one) => one.skill),
      (entry) => ['queues', position, 'skills', entry, 'skill'],
    ),
    ...queue.skills.flatMap(({ skill }, entry) =>
      known(skill, config.skills, {
        path: ['queues', position, 'skills', entry, 'skill'],
        what: 'skill',
        where: 'skills',
      }),
    ),
  ]);
  const queues = config.services.flatMap(({ queue }, position) =>
    known(queue, queueNames, { path: ['services', position, 'queue'], what: 'queue', where: 'queues' }),
  );
  const passwords = config.services.flatMap(({ basicAuth }, position) =>
    basicAuth ? checkPassword(basicAuth, ['services', position, 'basicAuth']) : [],
  );
  return [...skills, ...queues, ...passwords];
}

function checkStates(config: ConfigFile): Problem[] {
  const taken = new Set([...builtInStates.map((state) => state.operationName), ...reservedOperationNames]);
  const problems = config.agentStates.flatMap(({ operationName }, position): Problem[] =>
    taken.has(operationName)
      ? [{ path: ['agentStates', position, 'operationName'], sentence: `"${operationName}" is built in` }]
      : [],
  );
  const atLogin = [
    ...builtInStates.filter((state) => state.state !== 'Logout').map((state) => state.operationName),
    ...config.agentStates.map((state) => state.operationName),
  ];
  const { stateAfterLogin } = config.agentSession;
  const path = ['agentSession', 'stateAfterLogin'];
  if (!atLogin.includes(stateAfterLogin)) {
    const sentence = `there is no state "${stateAfterLogin}" to start in;${suggestion(stateAfterLogin, atLogin)}`;
    problems.push({ path, sentence: `${sentence} allowed: ${atLogin.join(', ')}` });
  }
  return problems;
}

/** Whether the runtime knows the time zone. Names only: "+03:00" knows no daylight saving and is refused. */
function isTimeZone(name: string): boolean {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return /^[A-Za-z]/.test(timeZone);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function checkWorld(config: ConfigFile): Problem[] {
  const problems: Problem[] = [];
  if (config.timeZone !== null && !isTimeZone(config.timeZone)) {
    const sentence = `"${config.timeZone}" is not known; allowed: an IANA time zone such as Europe/Tallinn, or null`;
    problems.push({ path: ['timeZone'], sentence });
  }
  for (const [position, { timeZone }] of config.businessHours.entries()) {
    if (timeZone === null || isTimeZone(timeZone)) continue;
    const sentence = `"${timeZone}" is not known; allowed: an IANA time zone such as Europe/Tallinn, or null`;
    problems.push({ path: ['businessHours', position, 'timeZone'], sentence });
  }
  if (config.externalUrl !== null && !URL.canParse(config.externalUrl)) {
    const sentence = `"${config.externalUrl}" is no URL; allowed: a URL such as https://chat.example.com`;
    problems.push({ path: ['externalUrl'], sentence });
  }
  for (const [position, origin] of config.crossOrigin.allowedOrigins.entries()) {
    const serialised = URL.canParse(origin) ? new URL(origin).origin : undefined;
    if (serialised === origin) continue;
    const meant = serialised === undefined ? '' : ` browsers send "${serialised}"`;
    const sentence = `"${origin}" is not an origin as browsers send it;${meant || ' allowed: scheme://host[:port]'}`;
    problems.push({ path: ['crossOrigin', 'allowedOrigins', position], sentence });
  }
  if (config.signIn.longestDelayMs < config.signIn.firstDelayMs) {
    const sentence = `found ${config.signIn.longestDelayMs}; allowed: at least signIn.firstDelayMs (${config.signIn.firstDelayMs})`;
    problems.push({ path: ['signIn', 'longestDelayMs'], sentence });
  }
  return problems;
}
