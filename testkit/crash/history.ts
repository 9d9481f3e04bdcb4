import type { CustomerEvent } from '@parley/contract/gms/replies.ts';
import type { ChatMessage } from '@parley/contract/gws/chat.ts';

/** An entry of a chat's message log, in the words of the agent API, whichever API it was read from. */
export interface LogEntry {
  readonly index: number;
  readonly type: ChatMessage['type'] | 'NicknameUpdated';
  readonly nickname: string;
  readonly text: string | undefined;
  readonly atMs: number;
}

/** What a request should leave in the log. */
export type Saying = Pick<LogEntry, 'type' | 'nickname'> & { readonly text?: string };

export function entryOfAgent({ index, type, from, text, timestampSeconds }: ChatMessage): LogEntry {
  return { index, type, nickname: from.nickname, text, atMs: timestampSeconds };
}

export function entryOfCustomer({ index, type, from, text, utcTime }: CustomerEvent): LogEntry {
  return { index, type: type === 'Message' ? 'Text' : type, nickname: from.nickname, text, atMs: utcTime };
}

/** How a request ended: answered, refused, or cut off, so that nobody knows whether it was carried out. */
export type Outcome = 'acknowledged' | 'refused' | 'cut';

/** A request of which the log must tell; `end` is told once how it ended. */
export interface Attempt {
  end(outcome: Outcome, nowMs: number): void;
}

/** A log that is about to be read, and what it must hold at least. */
export interface Question {
  readonly chatId: string;
  readonly askedAtMs: number;
  readonly highestSeen: number;
}

interface Sent {
  readonly key: string;
  readonly sentAtMs: number;
  outcome: Outcome | 'under way';
  endedAtMs: number;
}

interface ChatRecord {
  readonly sent: Sent[];
  /** By index: what anybody has ever been shown there. */
  readonly seen: Map<number, string>;
}

/** A saying that occurs only as often as somebody said it. Joins and leaves of others are not all on record. */
const attributable: readonly LogEntry['type'][] = ['Text', 'TypingStarted'];

function keyOf({ type, nickname, text }: Saying | LogEntry): string {
  return JSON.stringify([type, nickname, text ?? '']);
}

function contentOf(entry: LogEntry): string {
  return `${keyOf(entry)} at ${entry.atMs}`;
}

/**
 * What every client sent, what was acknowledged and what anybody saw, chat by chat; and the check that a log agrees
 * with all of it. The times are of one monotonic clock, in milliseconds.
 */
export class History {
  readonly #chats = new Map<string, ChatRecord>();

  get chatIds(): readonly string[] {
    return [...this.#chats.keys()];
  }

  /** How many requests ended in this way. */
  count(outcome: Outcome): number {
    let count = 0;
    for (const { sent } of this.#chats.values())
      count += sent.filter((one) => one.outcome === outcome).length;
    return count;
  }

  /** A request is about to be sent. */
  attempt(chatId: string, saying: Saying, nowMs: number): Attempt {
    const sent: Sent = { key: keyOf(saying), sentAtMs: nowMs, outcome: 'under way', endedAtMs: Infinity };
    this.#chat(chatId).sent.push(sent);
    return {
      end(outcome, endedAtMs) {
        sent.outcome = outcome;
        sent.endedAtMs = endedAtMs;
      },
    };
  }

  /**
   * Somebody was shown these entries. Returns what is wrong with them: an index at which something else was shown
   * before.
   */
  saw(chatId: string, entries: readonly LogEntry[]): string[] {
    const { seen } = this.#chat(chatId);
    const problems: string[] = [];
    for (const entry of entries) {
      const content = contentOf(entry);
      const before = seen.get(entry.index);
      if (before === undefined) seen.set(entry.index, content);
      else if (before !== content)
        problems.push(`${chatId}: index ${entry.index} was ${before} and is ${content}`);
    }
    return problems;
  }

  /** To be called before a log is asked for: what happens from here on need not be in the answer. */
  ask(chatId: string, nowMs: number): Question {
    return { chatId, askedAtMs: nowMs, highestSeen: Math.max(0, ...this.#chat(chatId).seen.keys()) };
  }

  /**
   * Checks the whole message log that answered: what was acknowledged by then is in it, once and in order; what was
   * seen is where it was seen; nothing is in it that nobody said. Returns what is wrong.
   */
  check({ chatId, askedAtMs, highestSeen }: Question, log: readonly LogEntry[]): string[] {
    const { sent } = this.#chat(chatId);
    const problems: string[] = [];
    if (log.some(({ index }, position) => index !== position + 1))
      problems.push(`the indexes are ${log.map(({ index }) => index).join()}`);
    const last = log.at(-1)?.index ?? 0;
    if (last < highestSeen) problems.push(`index ${highestSeen} was shown and the log ends at ${last}`);
    problems.push(...counted(sent, log, askedAtMs), ...inOrder(sent, log));
    return [...problems.map((problem) => `${chatId}: ${problem}`), ...this.saw(chatId, log)];
  }

  #chat(chatId: string): ChatRecord {
    let chat = this.#chats.get(chatId);
    if (!chat) this.#chats.set(chatId, (chat = { sent: [], seen: new Map() }));
    return chat;
  }
}

function grouped(sent: readonly Sent[]): Map<string, Sent[]> {
  return Map.groupBy(sent, ({ key }) => key);
}

/** Each saying stands in the log at least as often as it was acknowledged and at most as often as it was tried. */
function counted(sent: readonly Sent[], log: readonly LogEntry[], askedAtMs: number): string[] {
  const problems: string[] = [];
  const occurrences = Map.groupBy(log, keyOf);
  const attempts = grouped(sent);
  for (const [key, tries] of attempts) {
    const found = occurrences.get(key)?.length ?? 0;
    const least = tries.filter(
      ({ outcome, endedAtMs }) => outcome === 'acknowledged' && endedAtMs < askedAtMs,
    ).length;
    const most = tries.filter(({ outcome }) => outcome !== 'refused').length;
    if (found < least) problems.push(`lost: ${key} was acknowledged ${least} times and is there ${found}`);
    if (found > most) problems.push(`too often: ${key} was sent ${most} times and is there ${found}`);
  }
  for (const [key, [entry]] of occurrences)
    if (entry && attributable.includes(entry.type) && !attempts.has(key)) problems.push(`nobody sent ${key}`);
  return problems;
}

/** What was acknowledged before another was sent stands before it. Only for what was tried once. */
function inOrder(sent: readonly Sent[], log: readonly LogEntry[]): string[] {
  const problems: string[] = [];
  const attempts = grouped(sent);
  let latest: Sent | undefined;
  for (const entry of log) {
    const [only, another] = attempts.get(keyOf(entry)) ?? [];
    if (!only || another) continue;
    if (latest && only.endedAtMs < latest.sentAtMs)
      problems.push(`out of order: ${latest.key} stands before ${only.key}, which was acknowledged earlier`);
    if (!latest || only.sentAtMs > latest.sentAtMs) latest = only;
  }
  return problems;
}
