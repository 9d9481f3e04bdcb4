import { keyOf, type ChatHistory, type LogEntry, type Operation, type Reading } from './chat-history.ts';
import type { Sight, Stream, Visibility } from './chat-history.ts';
import type { Finding, FindingKind } from './finding.ts';

/** Says in which chat a key was said, when it was said in any. */
export type ChatOfKey = (key: string) => string | undefined;

/** Entries that occur only as often as somebody asked for them. Joins and leaves of others are not all on record. */
const attributable: readonly LogEntry['type'][] = ['Text', 'TypingStarted'];

const visibleTo: Readonly<Record<Sight, readonly Visibility[]>> = {
  customer: ['All'],
  agent: ['All', 'Agents'],
  supervisor: ['All', 'Agents', 'Supervisors'],
};

/** What stands at an index, who may see it, and since when that is known. */
interface Known {
  readonly entry: LogEntry;
  readonly content: string;
  readonly visibility: Visibility;
  /** When somebody saw it first. */
  firstSeenAtMs: number;
  /** Whether it is a leave that nobody has asked for; undefined when nobody was told. */
  isRemoval: boolean | undefined;
}

/** One chat while it is looked at. */
interface Case {
  readonly history: ChatHistory;
  readonly operations: ReadonlyMap<string, readonly Operation[]>;
  readonly known: ReadonlyMap<number, Known>;
  readonly report: (kind: FindingKind, detail: string) => void;
}

/**
 * Compares what the clients of one chat have sent, what was acknowledged and what anybody has seen. Pure; returns
 * everything that is wrong. Unanswered requests may be in the log or not, but never twice.
 */
export function checkChat(history: ChatHistory, chatOfKey: ChatOfKey = () => undefined): readonly Finding[] {
  const findings: Finding[] = [];
  const report: Case['report'] = (kind, detail) =>
    void findings.push({ kind, chatId: history.chatId, detail });
  const operations = Map.groupBy(history.operations, ({ saying }) => keyOf(saying));
  const known = gather(history, operations, report);
  const one: Case = { history, operations, known, report };
  checkIndexes(one);
  checkOperations(one, chatOfKey);
  checkOrder(one);
  checkLeaves(one);
  for (const stream of history.streams) checkStream(one, stream);
  for (const reading of history.readings) checkReading(one, reading);
  return findings;
}

function* sightings(
  history: ChatHistory,
): Generator<{ entry: LogEntry; atMs: number; observer: string; sight: Sight }> {
  for (const { observer, sight, seen } of history.streams)
    for (const { entry, atMs } of seen) yield { entry, atMs, observer, sight };
  for (const { observer, sight, entries, answeredAtMs } of history.readings)
    for (const entry of entries) yield { entry, atMs: answeredAtMs, observer, sight };
}

/** Everything that anybody has seen, by index, and whether each was allowed to. */
function gather(
  history: ChatHistory,
  operations: Case['operations'],
  report: Case['report'],
): ReadonlyMap<number, Known> {
  const known = new Map<number, Known>();
  for (const { entry, atMs, observer, sight } of sightings(history)) {
    const key = keyOf(entry);
    const content = `${key} at ${entry.atMs}`;
    const before = known.get(entry.index);
    if (!before) {
      const visibility = operations.get(key)?.[0]?.visibility ?? entry.visibility ?? 'All';
      const { isRemoval } = entry;
      known.set(entry.index, { entry, content, visibility, firstSeenAtMs: atMs, isRemoval });
    } else {
      before.firstSeenAtMs = Math.min(before.firstSeenAtMs, atMs);
      if (before.content !== content)
        report('indexReused', `index ${entry.index} is ${before.content} and ${content} (${observer})`);
      const { isRemoval = before.isRemoval } = entry;
      if (isRemoval !== (before.isRemoval ??= isRemoval))
        report('indexReused', `index ${entry.index} is told as a removal and as not one: ${content}`);
    }
    const told = [operations.get(key)?.[0]?.visibility, entry.visibility];
    if (told.some((visibility) => visibility !== undefined && !visibleTo[sight].includes(visibility)))
      report('wrongEyes', `${observer} (${sight}) saw ${key} at index ${entry.index}`);
  }
  return known;
}

function checkIndexes({ known, report }: Case): void {
  const last = Math.max(0, ...known.keys());
  for (let index = 1; index <= last; index += 1)
    if (!known.has(index)) report('gap', `nobody has seen index ${index} of ${last}`);
}

function checkOperations({ operations, known, report }: Case, chatOfKey: ChatOfKey): void {
  // What the server or somebody else has done to a participant is not what the participant has asked for.
  const asked = [...known.values()].filter(({ isRemoval }) => isRemoval !== true);
  const occurrences = Map.groupBy(asked, ({ entry }) => keyOf(entry));
  for (const [key, tries] of operations) {
    const found = occurrences.get(key) ?? [];
    const most = tries.filter(({ outcome }) => outcome !== 'refused').length;
    const at = found.map(({ entry }) => entry.index);
    if (most === 0 && at.length > 0) report('refusedYetThere', `${key} stands at ${at.join()}`);
    else if (at.length > most) report('doubled', `${key} was sent ${most} times and stands at ${at.join()}`);
    const firstSentAtMs = Math.min(...tries.map(({ invokedAtMs }) => invokedAtMs));
    for (const { firstSeenAtMs } of found)
      if (firstSeenAtMs < firstSentAtMs) report('tooEarly', `${key} was seen before it was sent`);
    for (const { index } of tries)
      if (index !== undefined && at.length > 0 && !at.includes(index))
        report('indexMoved', `${key} was acknowledged at ${index} and stands at ${at.join()}`);
  }
  for (const [key, found] of occurrences) {
    if (operations.has(key) || !found.some(({ entry }) => attributable.includes(entry.type))) continue;
    const elsewhere = chatOfKey(key);
    if (elsewhere === undefined) report('phantom', `nobody sent ${key}`);
    else report('wrongChat', `${key} was said in ${elsewhere}`);
  }
}

function inOrder(known: Case['known']): readonly Known[] {
  return [...known.values()].sort((one, other) => one.entry.index - other.entry.index);
}

/** Whoever has joined leaves once, whether they asked for it or were removed. */
function checkLeaves({ known, report }: Case): void {
  const stays = new Map<string, number>();
  for (const { entry } of inOrder(known)) {
    const { type, nickname, index } = entry;
    const present = stays.get(nickname);
    if (type === 'ParticipantJoined') stays.set(nickname, (present ?? 0) + 1);
    if (type !== 'ParticipantLeft' || present === undefined) continue;
    if (present === 0) report('doubled', `${nickname} leaves at ${index} and was not there any more`);
    else stays.set(nickname, present - 1);
  }
}

/** What was acknowledged before another was sent stands before it. Only for what was tried once. */
function checkOrder({ operations, known, report }: Case): void {
  let latest: Operation | undefined;
  for (const { entry, isRemoval } of inOrder(known)) {
    const [only, another] = operations.get(keyOf(entry)) ?? [];
    if (!only || another || isRemoval === true) continue;
    if (latest && only.endedAtMs < latest.invokedAtMs && only.outcome === 'acknowledged')
      report(
        'orderBroken',
        `${keyOf(latest.saying)} stands before ${keyOf(only.saying)}, acknowledged earlier`,
      );
    if (!latest || only.invokedAtMs > latest.invokedAtMs) latest = only;
  }
}

/** A listener is told of everything that they may see, from where they asked or from the first entry on, once and in order. */
function checkStream({ known, report }: Case, { observer, sight, seen, isOpen, fromIndex }: Stream): void {
  const indexes = new Set<number>();
  let highest = 0;
  for (const { entry } of seen) {
    const { index } = entry;
    if (indexes.has(index)) report('deliveredTwice', `${observer} was told of index ${index} twice`);
    else if (index < highest)
      report('deliveredOutOfOrder', `${observer} was told of ${index} after ${highest}`);
    indexes.add(index);
    highest = Math.max(highest, index);
  }
  const from = isOpen || seen.length > 0 ? (fromIndex ?? seen[0]?.entry.index ?? 1) : Infinity;
  for (const [index, { entry, visibility }] of known) {
    if (index < from || indexes.has(index) || !visibleTo[sight].includes(visibility)) continue;
    // Behind the last that came, only what people said is waited for: the rest may belong to the end of a chat.
    if (index > highest && !(isOpen && entry.type === 'Text')) continue;
    report('undelivered', `${observer} was never told of index ${index}: ${keyOf(entry)}`);
  }
}

function checkReading({ history, known, report }: Case, reading: Reading): void {
  const { observer, sight, askedAtMs, fromIndex, untilIndex = Infinity, entries } = reading;
  let before = fromIndex - 1;
  for (const { index } of entries) {
    if (index === before) report('deliveredTwice', `${observer} read index ${index} twice`);
    else if (index < before) report('deliveredOutOfOrder', `${observer} read ${index} after ${before}`);
    before = index;
  }
  const read = new Set(entries.map(({ index }) => index));
  for (const [index, { entry, visibility, firstSeenAtMs }] of known) {
    if (index < fromIndex || index > untilIndex || read.has(index) || !visibleTo[sight].includes(visibility))
      continue;
    if (firstSeenAtMs < askedAtMs || index < before)
      report('vanished', `${observer} did not read index ${index}, seen before: ${keyOf(entry)}`);
  }
  if (fromIndex > 1 || untilIndex !== Infinity) return;
  checkNothingLost({ history, known, report }, reading);
}

/** A log that was read from its beginning holds everything that was acknowledged by then. */
function checkNothingLost(
  { history, known, report }: Pick<Case, 'history' | 'known' | 'report'>,
  { observer, sight, askedAtMs, entries }: Reading,
): void {
  const asked = entries.filter(({ index }) => known.get(index)?.isRemoval !== true);
  const found = Map.groupBy(asked, keyOf);
  const due = history.operations.filter(
    ({ outcome, endedAtMs, visibility }) =>
      outcome === 'acknowledged' && endedAtMs < askedAtMs && visibleTo[sight].includes(visibility),
  );
  for (const [key, acknowledged] of Map.groupBy(due, ({ saying }) => keyOf(saying))) {
    const { length } = found.get(key) ?? [];
    if (length < acknowledged.length)
      report(
        'lost',
        `${key} was acknowledged ${acknowledged.length} times; ${observer} read it ${length} times`,
      );
  }
}
