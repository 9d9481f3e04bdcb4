import type { ChatMessage } from '@parley/contract/gws/chat.ts';
import { isRefusal, type Refusal } from '@parley/contract/refusals.ts';
import { ContactCenter } from '@parley/server/contact-center.ts';
import { readConfig } from '@parley/server/config/load.ts';
import { sightOf } from '@parley/server/domain/visibility.ts';
import type { AgentId, ChatId } from '@parley/server/domain/ids.ts';
import { agentNotifications } from '@parley/server/notify/agent-notifications.ts';
import { operateChat, type AgentChatRequest } from '@parley/server/operations/agent-chat.ts';
import { setAgentState, startContactCenterSession } from '@parley/server/operations/agent-session.ts';
import type { Commit } from '@parley/server/operations/chat-book.ts';
import { messagesFor, readAgentChat, readChat } from '@parley/server/operations/read-chat.ts';
import { requestChat } from '@parley/server/operations/request-chat.ts';
import { messageView, participantViews, visibleEntries } from '@parley/server/views/agent-view.ts';
import { wireFormat } from '@parley/server/views/wire-format.ts';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ManualClock } from '../manual-clock.ts';
import { memoryJournal } from './memory-journal.ts';
import { noFiles } from './no-files.ts';

export const names = ['ann', 'ben', 'cid', 'sue', 'sam'] as const;
export type Name = (typeof names)[number];

const people = names.map((userName) => ({
  userName,
  password: 'demo',
  roles: ['agent' as const, 'supervisor' as const],
}));
const config = readConfig(
  { logLevel: 'silent', agents: people, queues: [{ name: 'support', afterNoAnswer: 'Ready' }] },
  { machine: { timeZone: 'UTC' } },
);
const wire = wireFormat(() => 'http://localhost', 'UTC');

/** What one agent holds of one chat, as a desktop does: the texts since they joined, and the participants. */
export interface Held {
  state: string;
  texts: string[];
  participants: string[];
}

/** Bytes that do not repeat within a run and are the same in each. */
function countingBytes(): (count: number) => Uint8Array {
  let calls = 0;
  return (count) => {
    calls += 1;
    const bytes = new Uint8Array(count);
    for (let at = 0; at < count; at += 1)
      bytes[at] = (calls * 37 + at * 101 + (calls >> 8) * 13 + (at % 3) * calls) % 248;
    bytes[0] = calls % 248;
    bytes[1] = Math.floor(calls / 248) % 248;
    return bytes;
  };
}

const textsOf = (messages: readonly ChatMessage[]): string[] =>
  messages.flatMap(({ type, text }) => (type === 'Text' && text !== undefined ? [text] : []));

/** The contact centre without sockets: what would go out to an agent is put into what they hold, unless they are cut off. */
export class World {
  readonly clock = new ManualClock();
  readonly center: ContactCenter;
  readonly idOf: Readonly<Record<Name, AgentId>>;
  readonly #nameOf = new Map<AgentId, Name>();
  readonly held = new Map<Name, Map<ChatId, Held>>();
  readonly cutOff = new Set<Name>();
  readonly errors: unknown[] = [];

  constructor() {
    this.center = new ContactCenter({
      config,
      clock: this.clock,
      random: countingBytes(),
      journal: memoryJournal(),
      files: noFiles,
      onChat: (commit) => this.#tell(commit),
      onAgent: () => {},
      onFailure: () => {},
      onError: (error) => void this.errors.push(error),
    });
    const ids = config.agents.map(({ userName, id }) => [userName, id] as const);
    this.idOf = Object.fromEntries(ids) as Record<Name, AgentId>;
    for (const name of names) {
      this.#nameOf.set(this.idOf[name], name);
      this.held.set(name, new Map());
    }
  }

  async start(): Promise<void> {
    const { operations } = this.center;
    for (const name of names) {
      const agentId = this.idOf[name];
      operations.presence.pushOpened(agentId);
      await startContactCenterSession(operations, agentId, ['chat']);
      await setAgentState(operations, agentId, { operationName: 'Ready' });
    }
  }

  /** Runs what is due now: the router, writes, failures. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn += 1) await nextTurn();
  }

  async requestChat(): Promise<ChatId | null> {
    const done = await requestChat(this.center.operations, {
      service: 'customer-support',
      customer: { nickname: 'Pat' },
      userData: {},
    });
    await this.settle();
    return isRefusal(done) ? null : done.commit.after.id;
  }

  async operate(name: Name, chatId: ChatId, request: AgentChatRequest): Promise<Refusal | object> {
    const done = await operateChat(this.center.operations, request, { agentId: this.idOf[name], chatId });
    return done;
  }

  /** What a desktop does once it is connected again: it reads what it may have missed. */
  async reconnect(name: Name): Promise<void> {
    this.cutOff.delete(name);
    const { operations } = this.center;
    const agentId = this.idOf[name];
    const held = new Map<ChatId, Held>();
    this.held.set(name, held);
    for (const { id: chatId } of operations.chats.chatsOf(agentId)) {
      const found = await readAgentChat(operations, { agentId, chatId });
      if (isRefusal(found)) throw new Error(`${name} cannot read a chat of theirs`);
      const state = found.chat.assignments.find((one) => one.agentId === agentId)?.state ?? '';
      const stored = messagesFor(found, agentId, 1);
      const sight = sightOf(found.chat, agentId);
      const texts = isRefusal(stored)
        ? []
        : textsOf(visibleEntries(stored, found.chat.parties, sight).map((entry) => messageView(entry, wire)));
      const participants = participantViews(found.chat, sight, wire)
        .filter(({ type }) => type === 'Agent')
        .map(({ nickname }) => nickname);
      held.set(chatId, { state, texts, participants });
    }
  }

  /** What the customer is told when they ask for everything. */
  async customerTexts(chatId: ChatId): Promise<readonly string[]> {
    const found = await readChat(this.center.operations, chatId);
    if (!found) throw new Error(`there is no chat ${chatId}`);
    const entries = visibleEntries(found.messagesFrom(1), found.chat.parties, 'customer');
    return textsOf(entries.map((entry) => messageView(entry, wire)));
  }

  stop(): void {
    this.center.stop();
    this.center.operations.presence.stop();
  }

  #tell(commit: Commit): void {
    const history = ({ id }: Commit['after']): Commit['stored'] =>
      this.center.operations.chats.messageLog(id);
    for (const { agentIds, message } of agentNotifications(commit, { wire, history, ...config.push })) {
      for (const agentId of agentIds) {
        const name = this.#nameOf.get(agentId);
        if (!name || this.cutOff.has(name)) continue;
        const chats = this.held.get(name);
        const held = chats?.get(commit.after.id) ?? { state: '', texts: [], participants: [] };
        chats?.set(commit.after.id, held);
        if (message.messageType === 'MessageLogUpdated') {
          held.texts.push(...textsOf(message.messages));
          continue;
        }
        // Whoever joins is sent the history from its beginning.
        if (held.state !== 'Chatting' && message.chat.state === 'Chatting') held.texts = [];
        held.state = message.chat.state;
        held.participants = message.chat.participants
          .filter(({ type }) => type === 'Agent')
          .map(({ nickname }) => nickname);
      }
    }
  }
}
