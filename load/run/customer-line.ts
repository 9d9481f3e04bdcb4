import type { LogEntry } from '../history/chat-history.ts';

/** What a line tells its customer. */
export interface LineEvents {
  /** Entries of the message log, in the order of arrival. */
  readonly entries: (entries: readonly LogEntry[]) => void;
  /** From here on entries come in a new session, which was asked to begin at this index. */
  readonly restarted: (fromIndex: number) => void;
  readonly failed: (kind: string) => void;
}

/** One chat of a customer, over one of the ways to the server. Requests reject as those of the SDK do. */
export interface CustomerLine {
  /** Nothing is known to be in the way: what is told comes. */
  readonly isConnected: boolean;
  /** Asks for a chat; resolves with its id. What has happened in it so far is told by the line's events. */
  open(nickname: string): Promise<string>;
  send(text: string): Promise<void>;
  /** Leaves, which ends the chat. */
  leave(): Promise<void>;
  /** The whole message log as far as customers see it. */
  readAll(): Promise<readonly LogEntry[]>;
  /** Stops listening, without a goodbye. */
  close(): void;
}
