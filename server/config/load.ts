import { Check } from 'typebox/value';
import { defaultFeatures } from '../presence/features.ts';
import { deriveAgentId, deriveResponseId } from './agent-id.ts';
import { withJwksFiles } from './jwks-file.ts';
import type { AgentConfig, Config } from './config.ts';
import { crossChecks } from './cross-checks.ts';
import { databaseUrlPattern } from './database-schema.ts';
import { defaultSettings, defaultUserSettings } from './desktop-defaults.ts';
import { ConfigError, formatPath, type Problem } from './problem.ts';
import { readValue } from './read-value.ts';
import type { SchemaNode } from './schema-node.ts';
import { configSchema, type ConfigFile } from './schema.ts';
import { parseSource } from './yaml-source.ts';

/** What the configuration needs to know of the machine. */
export interface Machine {
  /** IANA name. */
  readonly timeZone: string;
}

export interface LoadConfigOptions {
  /** `PARLEY_CONFIG` names the file; `PARLEY_HOST`, `PARLEY_PORT`, `PARLEY_DATA`, `PARLEY_DATABASE_URL` win over it. Empty counts as unset. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => Promise<string>;
  readonly machine: Machine;
}

/**
 * The configuration from file and environment; without a file the demo contact centre.
 * Throws `ConfigError`, which lists every problem, when the file cannot be read or anything in it is wrong.
 */
export async function loadConfig({ env, readFile, machine }: LoadConfigOptions): Promise<Config> {
  const path = env['PARLEY_CONFIG'];
  const overrides = readEnvironment(env);
  if (!path) return readConfig({}, { machine, overrides });
  const source = `The configuration ${path}`;
  const parsed = parseSource(await readText(path, readFile), source);
  const config = readConfig(parsed.value, { machine, overrides, source, describe: parsed.describe });
  return deepFreeze({ ...config, services: await withJwksFiles(config.services, readFile) });
}

async function readText(path: string, readFile: LoadConfigOptions['readFile']): Promise<string> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    const why = code === 'ENOENT' ? 'there is no such file' : `the file cannot be read (${code})`;
    throw new ConfigError(`The configuration ${path}`, [`${why}; PARLEY_CONFIG names it`]);
  }
}

/** What the environment says instead of the file. */
export interface ConfigOverrides {
  readonly host?: string;
  readonly port?: number;
  readonly dataFolder?: string;
  readonly databaseUrl?: string;
}

function readEnvironment(env: LoadConfigOptions['env']): ConfigOverrides {
  const { PARLEY_HOST: host, PARLEY_PORT: portText, PARLEY_DATA: dataFolder } = env;
  const databaseUrl = env['PARLEY_DATABASE_URL'];
  const port = portText ? Number(portText) : undefined;
  if (portText && !(/^\d{1,5}$/.test(portText) && port !== undefined && port <= 65_535)) {
    const shown = JSON.stringify(portText.slice(0, 60));
    throw new ConfigError('The environment', [
      `PARLEY_PORT: found ${shown}; allowed: a whole number from 0 to 65535`,
    ]);
  }
  // A password may stand in it: what was found is not repeated.
  if (databaseUrl && !new RegExp(databaseUrlPattern, 'u').test(databaseUrl))
    throw new ConfigError('The environment', [
      'PARLEY_DATABASE_URL: allowed: a URL such as postgres://parley:password@db.example.com:5432/parley',
    ]);
  return {
    ...(host && { host }),
    ...(port !== undefined && { port }),
    ...(dataFolder && { dataFolder }),
    ...(databaseUrl && { databaseUrl }),
  };
}

export interface ReadConfigOptions {
  readonly machine: Machine;
  readonly overrides?: ConfigOverrides;
  /** What a refusal calls the value; default "The configuration". */
  readonly source?: string;
  /** How a problem is told; default: path and sentence. */
  readonly describe?: (problem: Problem) => string;
}

/** The configuration from a value of the file's shape. Throws `ConfigError`. */
export function readConfig(value: unknown, options: ReadConfigOptions): Config {
  const {
    source = 'The configuration',
    describe = ({ path, sentence }) => `${formatPath(path)}: ${sentence}`,
  } = options;
  const refuseIfAny = (problems: readonly Problem[]): void => {
    if (problems.length > 0) throw new ConfigError(source, problems.map(describe));
  };
  const read = readValue(configSchema as SchemaNode, value);
  refuseIfAny(read.problems);
  if (!Check(configSchema, read.value)) throw new Error('a value without problems does not fit the schema');
  refuseIfAny(crossChecks(read.value));
  return deepFreeze(complete(read.value, options));
}

function complete(file: ConfigFile, { machine, overrides = {} }: ReadConfigOptions): Config {
  const { host = file.listen.host, port = file.listen.port, dataFolder = file.dataFolder } = overrides;
  const { databaseUrl = file.database.url } = overrides;
  return {
    ...file,
    listen: { ...file.listen, host, port },
    dataFolder,
    database: { ...file.database, url: databaseUrl },
    timeZone: file.timeZone ?? machine.timeZone,
    businessHours: file.businessHours.map((hours) => ({
      ...hours,
      timeZone: hours.timeZone ?? file.timeZone ?? machine.timeZone,
    })),
    settings: { ...defaultSettings, ...file.settings },
    userSettings: { ...defaultUserSettings, ...file.userSettings },
    dispositions: file.dispositions.map((entry) => ({
      ...entry,
      displayName: entry.displayName ?? entry.name,
    })),
    standardResponses: file.standardResponses.map((entry) => ({
      ...entry,
      id: entry.id ?? deriveResponseId(entry),
    })),
    agents: file.agents.map((agent): AgentConfig => ({
      ...agent,
      id: (agent.id as AgentConfig['id'] | undefined) ?? deriveAgentId(file.contactCenter.id, agent.userName),
      features: agent.features ?? defaultFeatures(agent.roles),
      nickname: agent.nickname ?? agent.userName,
    })),
  };
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
