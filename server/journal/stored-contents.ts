import type { ChatRow } from './journal.ts';

export type Cell = string | number | null;
export type StoredRow = Readonly<Record<string, Cell>>;

/** A table that both stores have, with the same columns. */
export interface StoredTable {
  readonly name: string;
  /** Without those that a store derives for itself; by name. */
  readonly columns: readonly string[];
  /** The columns of its key: rows come in their order. */
  readonly key: readonly string[];
}

/** Everything that a store holds of one chat. */
export interface StoredChat {
  readonly id: string;
  /** The events that are stored as those of a live chat, a JSON array; null when there are none. */
  readonly live: string | null;
  /** The log in the archive, a JSON array; null when there is none. */
  readonly archived: string | null;
  readonly row: ChatRow | null;
  /** By whom searches find it: the agents who joined. In no order. */
  readonly agentIds: readonly string[];
  /** Whether a search for all of these words finds it, as it is made for agents or for supervisors. */
  finds(words: readonly string[], seesSupervisors: boolean): boolean;
}

/**
 * A whole store as it is at one moment, to be read from one end to the other: what `parley verify` and `parley migrate`
 * see of it. Nothing of it is changed, and a server that runs on it goes on. Of chats and rows only a few are in memory
 * at a time.
 */
export interface StoredContents {
  /** What operators call the store. */
  readonly name: string;
  /** What is not as it was written, a sentence without a full stop each; what else is read cannot be trusted then. */
  damage(): Promise<readonly string[]>;
  /** All chats, live and archived, in the order of the bytes of their ids. */
  chats(): AsyncIterable<StoredChat>;
  /** The tables beside the logs, by name. */
  readonly tables: readonly StoredTable[];
  rows(table: StoredTable): AsyncIterable<StoredRow>;
  /** Rows of a query that reads the same in both stores. */
  ask(sql: string): Promise<readonly StoredRow[]>;
  /** The ids of contacts that no search would find. */
  unfindableContacts(): Promise<readonly string[]>;
  close(): Promise<void>;
}
