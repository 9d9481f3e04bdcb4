import { evolve, isClosed, type Chat } from '../../domain/chat.ts';
import { isLogged, type StoredEvent } from '../../domain/chat-event.ts';

/** A log that was read and folded, as far as it goes, and what is wrong with it. */
export interface CheckedLog {
  readonly events: readonly StoredEvent[];
  /** The fold up to the first event that cannot follow. */
  readonly chat: Chat | null;
  readonly problems: readonly string[];
}

/** Reads a JSON array of events and checks it: one chat, `seq` and `index` without gaps, a fold, nothing behind the end. */
export function checkLog(chatId: string, json: string): CheckedLog {
  const events = parsedList(json);
  if (!events) return { events: [], chat: null, problems: ['its log is not a list of events'] };
  const problems: string[] = [];
  let chat: Chat | null = null;
  let nextIndex = 1;
  for (const [position, stored] of events.entries()) {
    const at = `event ${position + 1}`;
    if (stored.chatId !== chatId) problems.push(`${at} is of chat ${stored.chatId}`);
    if (stored.seq !== position + 1) problems.push(`${at} has the seq ${stored.seq}`);
    if (isLogged(stored.event) !== (stored.index !== undefined))
      problems.push(`${at} (${stored.event.type}) has ${stored.index === undefined ? 'no' : 'an'} index`);
    if (stored.index !== undefined && stored.index !== nextIndex)
      problems.push(`${at} has the index ${stored.index}, and ${nextIndex} is the next`);
    if (stored.index !== undefined) nextIndex = stored.index + 1;
    if (chat !== null && isClosed(chat))
      problems.push(`${at} (${stored.event.type}) stands behind the end of the chat`);
    const next = folded(chat, stored);
    if (typeof next === 'string') {
      problems.push(`${at} cannot follow: ${next}`);
      break;
    }
    chat = next;
  }
  return { events, chat, problems };
}

function parsedList(json: string): readonly StoredEvent[] | null {
  try {
    const list = JSON.parse(json) as unknown;
    if (!Array.isArray(list)) return null;
    const isEvent = (one: unknown): boolean =>
      typeof one === 'object' &&
      one !== null &&
      'event' in one &&
      typeof one.event === 'object' &&
      one.event !== null;
    return list.every(isEvent) ? (list as readonly StoredEvent[]) : null;
  } catch {
    return null;
  }
}

function folded(chat: Chat | null, stored: StoredEvent): Chat | string {
  try {
    // An event of a type that nobody knows folds to nothing.
    const next = evolve(chat, stored) as Chat | undefined;
    return next ?? `nobody knows events of the type ${String(stored.event.type)}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
