import type { LogEntry } from '../history/chat-history.ts';
import type { ChatRecord } from '../history/chat-record.ts';
import { findingKinds, type Finding, type FindingClass } from '../history/finding.ts';
import { HistoryBook } from '../history/history-book.ts';
import type { Gauge, Meter } from '../figures/meter.ts';

/** Findings that are told one by one; the rest is counted. */
const mostFindings = 100;

interface Sent {
  readonly gauge: Gauge;
  readonly dueAtMs: number;
}

/** The parts of a chat whose ends are waited for before its history is looked at. */
interface Parts {
  agents: number;
  /** The customer has asked for it, and has not come to its end. */
  hasCustomer: boolean;
  wasOpened: boolean;
}

/** Keeps the history of every chat that is going on, and checks it once everybody is done with it. */
export class ChatLedger {
  readonly #book: HistoryBook;
  readonly #meter: Meter;
  readonly #now: () => number;
  readonly #parts = new Map<string, Parts>();
  /** What was said and has not reached the other side, by its text. */
  readonly #underWay = new Map<string, Sent>();
  readonly findings: Finding[] = [];
  readonly counts: Record<FindingClass, number> = { lost: 0, doubled: 0, outOfOrder: 0, wrong: 0 };
  opened = 0;
  finished = 0;
  acknowledged = 0;
  refused = 0;
  unknown = 0;

  constructor(meter: Meter, now: () => number) {
    this.#meter = meter;
    this.#now = now;
    this.#book = new HistoryBook(now);
  }

  /** Chats that were opened and are not over for everybody. */
  get live(): number {
    let live = 0;
    for (const { wasOpened } of this.#parts.values()) if (wasOpened) live += 1;
    return live;
  }

  record(chatId: string): ChatRecord {
    return this.#book.chat(chatId);
  }

  /** Whether a customer of this run has opened the chat: one whose request was cut off is nobody's. */
  isOurs(chatId: string): boolean {
    return this.#parts.get(chatId)?.wasOpened ?? false;
  }

  customerIn(chatId: string): void {
    const parts = this.#of(chatId);
    parts.hasCustomer = true;
    parts.wasOpened = true;
    this.opened += 1;
  }

  customerOut(chatId: string): void {
    this.#of(chatId).hasCustomer = false;
    this.#look(chatId);
  }

  agentIn(chatId: string): void {
    this.#of(chatId).agents += 1;
  }

  agentOut(chatId: string): void {
    this.#of(chatId).agents -= 1;
    this.#look(chatId);
  }

  /** A text that is unique in the run is on its way since `dueAtMs`. */
  sent(text: string, gauge: Gauge, dueAtMs: number): void {
    this.#underWay.set(text, { gauge, dueAtMs });
  }

  /** The other side has these now. */
  arrived(gauge: Gauge, entries: readonly LogEntry[]): void {
    for (const { text = '' } of entries) {
      const sent = this.#underWay.get(text);
      if (sent?.gauge !== gauge) continue;
      this.#underWay.delete(text);
      this.#meter.add(gauge, this.#now() - sent.dueAtMs);
    }
  }

  /** Who has not come to the end of a chat, one sentence for each chat. */
  get unfinished(): readonly string[] {
    return [...this.#parts]
      .filter(([, { wasOpened }]) => wasOpened)
      .map(([chatId, { agents, hasCustomer }]) => {
        const who = [...(hasCustomer ? ['its customer'] : []), ...(agents > 0 ? [`${agents} agent(s)`] : [])];
        return `chat ${chatId} never came to an end for ${who.join(' and ')}`;
      });
  }

  /** Checks what is left when the run ends before all are done. */
  checkTheRest(): void {
    for (const [chatId, { wasOpened }] of this.#parts) if (wasOpened) this.#check(chatId);
    this.#parts.clear();
  }

  #of(chatId: string): Parts {
    let parts = this.#parts.get(chatId);
    if (!parts) this.#parts.set(chatId, (parts = { agents: 0, hasCustomer: false, wasOpened: false }));
    return parts;
  }

  #look(chatId: string): void {
    const { agents, hasCustomer, wasOpened } = this.#of(chatId);
    if (agents > 0 || hasCustomer) return;
    this.#parts.delete(chatId);
    if (!wasOpened) return this.#book.forget(chatId);
    this.finished += 1;
    this.#check(chatId);
  }

  #check(chatId: string): void {
    for (const finding of this.#book.check(chatId)) {
      this.counts[findingKinds[finding.kind]] += 1;
      if (this.findings.length < mostFindings) this.findings.push(finding);
    }
    for (const { outcome, saying } of this.#book.chat(chatId).operations) {
      this[outcome] += 1;
      this.#underWay.delete(saying.text ?? '');
    }
    this.#book.forget(chatId);
  }
}
