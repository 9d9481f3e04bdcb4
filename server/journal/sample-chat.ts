import { isRefusal } from '@parley/contract/refusals.ts';
import { evolve, type Chat } from '../domain/chat.ts';
import type { ChatEvent, StoredEvent } from '../domain/chat-event.ts';
import type { ChatCommand } from '../domain/commands.ts';
import { decide, decideRequest, stamp } from '../domain/decide.ts';
import type { AgentId, ChatId, ContactId, ParticipantId } from '../domain/ids.ts';
import type { JournalEntry } from './journal.ts';
import { project } from './projection.ts';

export const sampleAgent = 'a9e1b4c2d3f405162738495a6b7c8d9e' as AgentId;
const placement = { queue: 'support', priority: 0, ageingPerMinute: 1, skills: [] };
const reason = { rule: 'longest-ready', waitedMs: 0, effectivePriority: 0, eligibleAgents: 1 } as const;

/**
 * A chat that lives by the domain's own rules, for tests, crash runs and benchmarks of the store: each step returns the
 * entry that an operation would append. Time is one millisecond a step from `startMs`.
 */
export class SampleChat {
  readonly id: ChatId;
  readonly contactId: ContactId;
  readonly events: StoredEvent[] = [];
  #chat: Chat | null = null;
  #nowMs: number;

  constructor(id: string, options: { readonly contactId?: string; readonly startMs?: number } = {}) {
    this.id = id as ChatId;
    this.contactId = (options.contactId ?? `contact of ${id}`) as ContactId;
    this.#nowMs = options.startMs ?? 1_700_000_000_000;
  }

  /** Goes on with a chat that was read from the store. */
  static restored(events: readonly StoredEvent[]): SampleChat {
    const first = events[0];
    if (first?.event.type !== 'ChatRequested') throw new Error('a log starts with its request');
    const sample = new SampleChat(first.chatId, { contactId: first.event.contactId });
    sample.events.push(...events);
    for (const stored of events) sample.#chat = evolve(sample.#chat, stored);
    sample.#nowMs = events.at(-1)?.atMs ?? first.atMs;
    return sample;
  }

  get chat(): Chat {
    if (!this.#chat) throw new Error('the chat was not requested');
    return this.#chat;
  }

  request(): JournalEntry {
    const requested = {
      type: 'ChatRequested',
      service: 'customer-support',
      customer: { nickname: 'Anna', subject: 'a question' },
      contactId: this.contactId,
      secureKeyDigest: 'd'.repeat(64),
      userData: {},
    } as const;
    return this.#take(
      decideRequest({ requested, participantId: '00000000000000C1' as ParticipantId, placement }),
    );
  }

  say(text: string): JournalEntry {
    return this.#command({ type: 'CustomerSend', message: { text } });
  }

  offer(agentId: AgentId = sampleAgent): JournalEntry {
    return this.#command({ type: 'Offer', agentId, expiresAtMs: this.#nowMs + 30_000, reason });
  }

  accept(agentId: AgentId = sampleAgent): JournalEntry {
    const participantId = `00000000000000A${this.chat.parties.length}` as ParticipantId;
    return this.#command({ type: 'Accept', agentId, nickname: 'Marat', participantId, saveLar: false });
  }

  /** The agent gives the chat back to its queue. */
  transfer(agentId: AgentId = sampleAgent): JournalEntry {
    return this.#command({ type: 'Transfer', agentId, to: { placement } });
  }

  /** A text that only supervisors are to read. */
  whisper(text: string, participantId: ParticipantId): JournalEntry {
    return this.#take([{ type: 'TextSent', participantId, text, visibility: 'Supervisors' }]);
  }

  /** The customer leaves: closes the chat, unless an agent is in it. */
  leave(): JournalEntry {
    return this.#command({ type: 'CustomerLeave' });
  }

  complete(agentId: AgentId = sampleAgent): JournalEntry {
    return this.#command({ type: 'Complete', agentId, saveLar: false });
  }

  #command(command: ChatCommand): JournalEntry {
    const decided = decide(this.chat, command);
    if (isRefusal(decided)) throw new Error(`${command.type} was refused`);
    return this.#take(decided);
  }

  #take(events: readonly ChatEvent[]): JournalEntry {
    this.#nowMs += 1;
    const before = this.#chat;
    const { stored, chat } = stamp(before, events, { chatId: this.id, atMs: this.#nowMs });
    this.#chat = chat;
    this.events.push(...stored);
    return {
      events: stored,
      writes: project(before, chat, stored, () => ({ events: [...this.events], chat, isMasked: false })),
    };
  }
}
