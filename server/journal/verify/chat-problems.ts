import { isClosed, type Chat } from '../../domain/chat.ts';
import type { StoredEvent } from '../../domain/chat-event.ts';
import { searchedText } from '../group-commit.ts';
import type { ChatRow } from '../journal.ts';
import { chatRow } from '../projection.ts';
import type { StoredChat } from '../stored-contents.ts';
import { everyWord } from '../words.ts';
import { checkLog } from './log-problems.ts';

export interface CheckedChat {
  readonly events: readonly StoredEvent[];
  readonly chat: Chat | null;
  readonly problems: readonly string[];
}

/** Checks the log of a chat, and that all that was derived from it agrees with it. */
export function checkChat(stored: StoredChat): CheckedChat {
  const { id, live, archived, row } = stored;
  if (live !== null && archived !== null)
    return { events: [], chat: null, problems: ['it is archived, and events stand behind its log'] };
  const json = archived ?? live;
  if (json === null)
    return {
      events: [],
      chat: null,
      problems: row && isAnonymised(row) ? [] : ['it is in the list of chats and has no log'],
    };
  const { events, chat, problems } = checkLog(id, json);
  if (problems.length > 0 || chat === null) return { events, chat, problems };
  const derived = [
    ...whereItStands(chat, archived !== null),
    ...(row === null ? ['it has a log and is not in the list of chats'] : rowProblems(row, chat)),
    ...(row === null ? [] : agentProblems(stored, chat)),
    ...(row === null || archived === null ? [] : searchProblems(stored, events)),
  ];
  return { events, chat, problems: derived };
}

/** Only the row without a person is left of it. */
function isAnonymised({ state, contactId }: ChatRow): boolean {
  return state === 'Closed' && contactId === '';
}

function whereItStands(chat: Chat, isArchived: boolean): readonly string[] {
  if (isClosed(chat) === isArchived) return [];
  return [isArchived ? 'it is archived and is not over' : 'it is over and not archived'];
}

/** What lists show, but for the contact, which changes when contacts are merged. */
function rowProblems(row: ChatRow, chat: Chat): readonly string[] {
  const expected = chatRow(chat);
  const names = Object.keys(expected) as (keyof ChatRow)[];
  return names
    .filter((name) => name !== 'contactId' && name !== 'lastSeq')
    .filter((name) => JSON.stringify(row[name]) !== JSON.stringify(expected[name]))
    .map(
      (name) =>
        `its ${name} is ${show(row[name])} in the list of chats and ${show(expected[name])} by its log`,
    )
    .concat(lastSeqProblem(row, chat));
}

/** The row is written when lists see a difference: messages of a live chat do not change it. */
function lastSeqProblem(row: ChatRow, chat: Chat): readonly string[] {
  const fits = isClosed(chat) ? row.lastSeq === chat.seq : row.lastSeq <= chat.seq;
  return fits ? [] : [`its last seq is ${row.lastSeq} in the list of chats and ${chat.seq} by its log`];
}

function show(value: unknown): string {
  // A damaged schema may lack a column.
  return String(JSON.stringify(value)).slice(0, 100);
}

function agentProblems({ agentIds }: StoredChat, chat: Chat): readonly string[] {
  const listed = new Set(agentIds);
  const joined = new Set<string>(chatRow(chat).agentIds);
  return [
    ...[...joined].filter((id) => !listed.has(id)).map((id) => `a search for agent ${id} does not find it`),
    ...[...listed]
      .filter((id) => !joined.has(id))
      .map((id) => `a search for agent ${id} finds it, who was not in it`),
  ];
}

function searchProblems(stored: StoredChat, events: readonly StoredEvent[]): readonly string[] {
  const { text, supervisorText } = searchedText(events);
  const words = [...new Set(everyWord(text))];
  const hidden = [...new Set(everyWord(supervisorText))];
  return [
    ...(words.length === 0 || stored.finds(words, false) ? [] : ['a search for its words does not find it']),
    ...(hidden.length === 0 || stored.finds(hidden, true)
      ? []
      : ["a supervisor's search for words to supervisors does not find it"]),
    ...(hidden.some((word) => !sameWord(words, word) && stored.finds([word], false))
      ? ["an agent's search finds it by words to supervisors"]
      : []),
  ];
}

/** As searches compare: without case and accents. */
function sameWord(words: readonly string[], word: string): boolean {
  const compare = new Intl.Collator('und', { sensitivity: 'base' });
  return words.some((one) => compare.compare(one, word) === 0);
}
