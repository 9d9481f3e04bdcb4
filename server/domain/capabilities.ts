import { assignmentOf, type Chat } from './chat.ts';
import type { AgentId } from './ids.ts';

/** Where an agent stands with a chat: the assignment's state, split by whether the conversation still runs. */
export type Situation = 'Invited' | 'Chatting' | 'ChattingAlone' | 'LeftChat';

/**
 * The one table of what an agent may do: operation → situations in which it is accepted. The wire's `capabilities`,
 * the check in `decide` and the desk's buttons all read it. The order is the order on the wire: the founding page's
 * seven first. `InFocus` is the older name of `SetInFocus`; both are advertised and accepted (gws-agent-api §10, row 5).
 */
export const chatOperations = {
  Accept: ['Invited'],
  Reject: ['Invited'],
  Transfer: ['Chatting'],
  Complete: ['Chatting', 'ChattingAlone', 'LeftChat'],
  Leave: ['Chatting', 'ChattingAlone'],
  InFocus: ['Chatting', 'ChattingAlone', 'LeftChat'],
  SendMessage: ['Chatting'],
  SendStartTypingNotification: ['Chatting'],
  SendStopTypingNotification: ['Chatting'],
  SetInFocus: ['Chatting', 'ChattingAlone', 'LeftChat'],
} as const satisfies Record<string, readonly Situation[]>;

export type ChatOperation = keyof typeof chatOperations;

const operationNames = Object.keys(chatOperations) as ChatOperation[];

export function isChatOperation(name: string): name is ChatOperation {
  return Object.hasOwn(chatOperations, name);
}

/** The agent's situation in the chat, or null when the chat asks nothing of them. */
export function situationOf(chat: Chat, agentId: AgentId): Situation | null {
  const state = assignmentOf(chat, agentId)?.state;
  if (state === 'Chatting') return chat.session === 'Open' ? 'Chatting' : 'ChattingAlone';
  return state === 'Invited' || state === 'LeftChat' ? state : null;
}

const bySituation = new Map<Situation, readonly ChatOperation[]>(
  (['Invited', 'Chatting', 'ChattingAlone', 'LeftChat'] as const).map((situation) => [
    situation,
    operationNames.filter((name) => (chatOperations[name] as readonly Situation[]).includes(situation)),
  ]),
);

/** What the agent may do with the chat now; empty when they have nothing to do with it. */
export function capabilitiesOf(chat: Chat, agentId: AgentId): readonly ChatOperation[] {
  const situation = situationOf(chat, agentId);
  return situation ? (bySituation.get(situation) ?? []) : [];
}
