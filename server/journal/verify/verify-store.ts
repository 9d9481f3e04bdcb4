import type { ChatFile } from '../../domain/chat-file.ts';
import type { Chat } from '../../domain/chat.ts';
import type { StoredContents } from '../stored-contents.ts';
import { checkChat } from './chat-problems.ts';
import { checkTables } from './table-problems.ts';

/** What was looked at. */
export interface VerifyReport {
  readonly liveChats: number;
  /** Those that were anonymised too. */
  readonly closedChats: number;
  readonly events: number;
  readonly files: number;
  readonly contacts: number;
  readonly auditRows: number;
  readonly problems: number;
}

export interface VerifyOptions {
  /** Hears of each problem, a sentence without a full stop. */
  readonly onProblem: (problem: string) => void;
  /** What is wrong with the bytes of a file of the chat; null: nothing. Without it files are not looked at. */
  readonly fileProblem?: (chat: Chat, file: ChatFile) => Promise<string | null>;
}

/**
 * Proves what must hold of every chat: its log is whole and folds, and lists, searches, contacts, the audit and the
 * files agree with it. Holds one chat in memory at a time. Where the store itself is damaged it tells so and goes no
 * further, for what is read from there on may be anything.
 */
export async function verifyStore(contents: StoredContents, options: VerifyOptions): Promise<VerifyReport> {
  let problems = 0;
  const tell = (problem: string): void => {
    problems += 1;
    options.onProblem(problem);
  };
  const damage = await contents.damage();
  if (damage.length > 0) {
    for (const problem of damage) tell(problem);
    const none = { liveChats: 0, closedChats: 0, events: 0, files: 0, contacts: 0, auditRows: 0 };
    return { ...none, problems };
  }
  const counts = { liveChats: 0, closedChats: 0, events: 0, files: 0 };
  for await (const stored of contents.chats()) {
    counts[stored.row?.state === 'Closed' ? 'closedChats' : 'liveChats'] += 1;
    const { events, chat, problems: found } = checkChat(stored);
    counts.events += events.length;
    for (const problem of found) tell(`chat ${stored.id}: ${problem}`);
    const kept = options.fileProblem && chat ? chat.files.filter(({ isDeleted }) => !isDeleted) : [];
    for (const file of kept) {
      counts.files += 1;
      const problem = chat && (await options.fileProblem?.(chat, file));
      if (problem) tell(`chat ${stored.id}: file ${file.fileId} ${problem}`);
    }
  }
  const tables = await checkTables(contents, tell);
  return { ...counts, ...tables, problems };
}
