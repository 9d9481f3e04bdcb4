import type {
  AgentConfig,
  Config,
  DispositionConfig,
  QueueConfig,
  StandardResponseConfig,
} from '../config/config.ts';
import { queueWithDefaults } from '../config/queue-defaults.ts';
import type { AgentId } from '../domain/ids.ts';
import type { ProvisionedRow } from '../journal/journal.ts';
import { configuredAgent, type ConfiguredAgent } from './people.ts';

/** A user as the set-up has it: an agent of the file, or one made or changed over the API. */
export type UserEntry = Omit<AgentConfig, 'password'> & {
  readonly enabled: boolean;
  readonly changePasswordOnFirstLogin: boolean;
};

export type AgentStateEntry = Config['agentStates'][number];

/** What can be changed over the API, by kind; stored under the kind and the entry's id. */
export interface SetUpEntries {
  readonly user: UserEntry;
  readonly skill: { readonly name: string };
  readonly queue: QueueConfig;
  readonly disposition: DispositionConfig;
  readonly 'agent-state': AgentStateEntry;
  readonly 'standard-response': StandardResponseConfig;
}

export type SetUpKind = keyof SetUpEntries;

/** One entry was added (`before` undefined), changed, or removed (`after` undefined). */
export type SetUpChange = {
  [Kind in SetUpKind]: {
    readonly kind: Kind;
    readonly id: string;
    readonly before: SetUpEntries[Kind] | undefined;
    readonly after: SetUpEntries[Kind] | undefined;
  };
}[SetUpKind];

const kinds: ReadonlySet<string> = new Set<SetUpKind>([
  'user',
  'skill',
  'queue',
  'disposition',
  'agent-state',
  'standard-response',
]);

function isKind(kind: string): kind is SetUpKind {
  return kinds.has(kind);
}

/**
 * The set-up that is in force: the configuration file and, on top of it, what was changed over the API. Everything
 * that looks up people, queues, skills, states or texts looks here, so a change holds at once and everywhere.
 */
export class SetUp {
  readonly #maps: { readonly [Kind in SetUpKind]: Map<string, SetUpEntries[Kind]> };
  readonly #people = new Map<AgentId, ConfiguredAgent>();
  readonly #listeners: ((change: SetUpChange) => void)[] = [];

  constructor(config: Config) {
    const by = <Entry>(entries: readonly Entry[], id: (entry: Entry) => string): Map<string, Entry> =>
      new Map(entries.map((entry) => [id(entry), entry]));
    const users = config.agents.map(({ password: _password, ...agent }): UserEntry => {
      return { ...agent, enabled: true, changePasswordOnFirstLogin: false };
    });
    this.#maps = {
      user: by(users, (entry) => entry.id),
      skill: by(
        config.skills.map((name) => ({ name })),
        (entry) => entry.name,
      ),
      queue: by(config.queues, (entry) => entry.name),
      disposition: by(config.dispositions, (entry) => entry.name),
      'agent-state': by(config.agentStates, (entry) => entry.operationName),
      'standard-response': by(config.standardResponses, (entry) => entry.id),
    };
    for (const user of users) this.#people.set(user.id, configuredAgent(user));
  }

  /** Those who can sign in and be offered chats. One map for the server's life; its entries change. */
  get people(): ReadonlyMap<AgentId, ConfiguredAgent> {
    return this.#people;
  }

  /** The entries of a kind by id, users who are disabled among them. One map for the server's life. */
  entries<Kind extends SetUpKind>(kind: Kind): ReadonlyMap<string, SetUpEntries[Kind]> {
    return this.#maps[kind];
  }

  /** Calls back after each change, those of `restore` included. */
  onChange(listener: (change: SetUpChange) => void): void {
    this.#listeners.push(listener);
  }

  /** Takes over what is stored, at start; rows of a kind that is not known any more are passed over. */
  restore(rows: readonly ProvisionedRow[]): void {
    for (const { kind, id, value } of rows) {
      if (!isKind(kind)) continue;
      // The rows hold what `put` was given; a queue that an older version stored lacks what was added since.
      const stored =
        kind === 'queue' && value !== null ? { ...queueWithDefaults(id), ...(value as object) } : value;
      this.put(kind, id, (stored ?? undefined) as SetUpEntries[typeof kind] | undefined);
    }
  }

  /** Puts an entry in force, or takes it out with undefined. Storing it is the caller's. */
  put<Kind extends SetUpKind>(kind: Kind, id: string, after: SetUpEntries[Kind] | undefined): void {
    const map: Map<string, SetUpEntries[Kind]> = this.#maps[kind];
    const before = map.get(id);
    if (after === undefined) map.delete(id);
    else map.set(id, after);
    // One kind throughout, which TypeScript cannot follow through the union.
    const change = { kind, id, before, after } as SetUpChange;
    if (change.kind === 'user') this.#followUser(change.id as AgentId, change.after);
    for (const listener of this.#listeners) listener(change);
  }

  #followUser(id: AgentId, user: UserEntry | undefined): void {
    if (user?.enabled) this.#people.set(id, configuredAgent(user));
    else this.#people.delete(id);
  }
}
