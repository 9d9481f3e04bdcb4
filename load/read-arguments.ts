import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { defaultLoad, type Account, type LoadOptions } from './run/load-options.ts';
import { ownAccounts, ownService } from './server/own-server.ts';

/** The run that the command line asks for, and where its result goes. */
export interface Asked {
  readonly load: LoadOptions;
  /** No `--url`: a server is started for the run. */
  readonly startsServer: boolean;
  readonly reportPath: string | undefined;
  readonly json: boolean;
}

const flags = {
  url: { type: 'string' },
  customers: { type: 'string' },
  agents: { type: 'string' },
  'agent-names': { type: 'string' },
  'agents-file': { type: 'string' },
  password: { type: 'string' },
  service: { type: 'string' },
  minutes: { type: 'string' },
  seconds: { type: 'string' },
  mode: { type: 'string' },
  rate: { type: 'string' },
  ramp: { type: 'string' },
  think: { type: 'string' },
  'messages-per-chat': { type: 'string' },
  flapping: { type: 'string' },
  push: { type: 'string' },
  'customer-mode': { type: 'string' },
  poll: { type: 'string' },
  timeout: { type: 'string' },
  seed: { type: 'string' },
  report: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** Thrown for what cannot be meant; its message is a sentence. `code` makes the command line print the usage. */
export class ArgumentError extends TypeError {
  readonly code = 'ERR_PARSE_ARGS_VALUE';
}

type Values = Partial<Record<keyof typeof flags, string | boolean>>;

/** Reads the flags of `parley load`. Throws `ArgumentError`, or what `parseArgs` throws for an unknown flag. */
export function readArguments(args: readonly string[], randomSeed: number): Asked {
  const values: Values = parseArgs({ args: [...args], options: flags, strict: true }).values;
  const text = (name: keyof Values): string | undefined => values[name] as string | undefined;
  const number = (name: keyof Values, otherwise: number, least = 0): number => {
    const given = text(name);
    const value = given === undefined ? otherwise : Number(given);
    if (!Number.isFinite(value) || value < least || given === '')
      throw new ArgumentError(`--${name} must be a number of at least ${least}, not "${given}".`);
    return value;
  };
  const whole = (name: keyof Values, otherwise: number, least = 1): number => {
    const value = number(name, otherwise, least);
    if (!Number.isSafeInteger(value)) throw new ArgumentError(`--${name} must be a whole number.`);
    return value;
  };
  const startsServer = values.url === undefined;
  const mode = oneOf('mode', text('mode') ?? defaultLoad.mode, ['closed', 'open'] as const);
  if (mode === 'closed' && values.rate !== undefined)
    throw new ArgumentError('--rate says when messages fall due: it goes with --mode open.');
  const seconds = values.seconds === undefined ? number('minutes', 1, 0.01) * 60 : number('seconds', 60, 1);
  const flappingPercent = number('flapping', 0);
  if (flappingPercent > 100) throw new ArgumentError('--flapping is a share in per cent, 0 to 100.');
  const load: LoadOptions = {
    url: startsServer ? '' : originOf(text('url') ?? ''),
    service: text('service') ?? (startsServer ? ownService : 'customer-support'),
    accounts: startsServer ? ownAccounts(whole('agents', 10)) : accountsOf(values, whole('agents', 1)),
    customers: whole('customers', defaultLoad.customers),
    seconds,
    mode,
    rate: number('rate', defaultLoad.rate, 0.001),
    rampSeconds: number('ramp', defaultLoad.rampSeconds),
    thinkMs: number('think', defaultLoad.thinkMs),
    messagesPerChat: whole('messages-per-chat', defaultLoad.messagesPerChat),
    flappingPercent,
    push: oneOf('push', text('push') ?? defaultLoad.push, ['long-polling', 'websocket'] as const),
    customerMode: oneOf('customer-mode', text('customer-mode') ?? defaultLoad.customerMode, [
      'polling',
      'cometd',
    ] as const),
    pollMs: whole('poll', defaultLoad.pollMs),
    requestTimeoutMs: whole('timeout', defaultLoad.requestTimeoutMs),
    drainMs: defaultLoad.drainMs,
    seed: whole('seed', randomSeed, 0),
  };
  return { load, startsServer, reportPath: text('report'), json: values.json === true };
}

function originOf(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed || !/^https?:$/.test(parsed.protocol))
    throw new ArgumentError(`--url must be like http://127.0.0.1:8080, not "${url}".`);
  return parsed.href.replace(/\/+$/, '');
}

function oneOf<Value extends string>(name: string, value: string, allowed: readonly Value[]): Value {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new ArgumentError(`--${name} is ${allowed.join(' or ')}, not "${value}".`);
  return found;
}

/**
 * The logins of a server that is there already: a file with `name:password` on each line, or names (a list, or a
 * pattern with `{n}` for 1 to M) with one password. Default: the agents of the demo contact centre.
 */
function accountsOf(values: Values, count: number): readonly Account[] {
  const { 'agents-file': file, 'agent-names': names = 'marat,kristi', password = 'demo', agents } = values;
  if (file !== undefined) return accountsInFile(String(file));
  const pattern = String(names);
  const listed = pattern.includes('{n}')
    ? Array.from({ length: count }, (_, at) => pattern.replaceAll('{n}', String(at + 1)))
    : pattern.split(',').map((name) => name.trim());
  if (!pattern.includes('{n}') && agents !== undefined && listed.length < count)
    throw new ArgumentError(
      `--agents ${count} needs as many logins: --agent-names with a list or a pattern such as agent-{n}, or --agents-file.`,
    );
  const used = agents === undefined || pattern.includes('{n}') ? listed : listed.slice(0, count);
  return used.map((userName) => ({ userName, password: String(password) }));
}

function accountsInFile(path: string): readonly Account[] {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch {
    throw new ArgumentError(`${path} cannot be read.`);
  }
  const accounts = content
    .split(/\r?\n/)
    .filter((line) => line.includes(':'))
    .map((line) => {
      const [userName = '', ...password] = line.split(':');
      return { userName, password: password.join(':') };
    });
  if (accounts.length === 0) throw new ArgumentError(`${path} has no line like name:password.`);
  return accounts;
}
