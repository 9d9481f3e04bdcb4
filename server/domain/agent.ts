import type { SupervisorRole } from './chat-event.ts';
import type { AgentId } from './ids.ts';

/** An agent's readiness on one media channel. `operationName` names a state descriptor (gws-agent-api §6.2). */
export interface MediaChannelState {
  readonly channel: string;
  readonly operationName: string;
  readonly sinceMs: number;
  readonly doNotDisturb: boolean;
}

/**
 * Where an agent stands: their contact-centre session (null = none) and the state of each channel on it.
 * Plain JSON, for it is stored as it is.
 */
export interface AgentState {
  readonly agentId: AgentId;
  readonly sessionStartedAtMs: number | null;
  readonly channels: readonly MediaChannelState[];
  /** The agents with whom this one, a supervisor, comes into chats; each at most once. */
  readonly monitoring?: readonly Monitoring[];
}

/** A supervisor's standing wish to come along when an agent accepts a chat (gws-agent-api §9). */
export interface Monitoring {
  readonly agentId: AgentId;
  readonly role: SupervisorRole;
  /** NextChat is over with the first chat. */
  readonly mode: 'NextChat' | 'AllChats';
  readonly nickname: string;
}

export const offline = 'Offline';
export const ready = 'Ready';
export const notReady = 'NotReady';

export function signedOut(agentId: AgentId): AgentState {
  return { agentId, sessionStartedAtMs: null, channels: [] };
}

/**
 * Starts (or widens) the contact-centre session on these channels. A channel that already runs keeps its state:
 * desktops start the session at each page load (gws-agent-api §2.4).
 */
export function startSession(
  agent: AgentState,
  channels: readonly string[],
  at: { readonly nowMs: number; readonly operationName: string },
): AgentState {
  const running = new Set(agent.channels.map((one) => one.channel));
  const added = channels
    .filter((channel) => !running.has(channel))
    .map((channel) => ({
      channel,
      operationName: at.operationName,
      sinceMs: at.nowMs,
      doNotDisturb: false,
    }));
  return {
    ...agent,
    sessionStartedAtMs: agent.sessionStartedAtMs ?? at.nowMs,
    channels: [...agent.channels, ...added],
  };
}

/** Changes the channels picked by `channel` (all when undefined). Returns the same object when nothing changes. */
export function changeChannels(
  agent: AgentState,
  channel: string | undefined,
  change: (state: MediaChannelState) => MediaChannelState,
): AgentState {
  let changed = false;
  const channels = agent.channels.map((one) => {
    if (channel !== undefined && one.channel !== channel) return one;
    const next = change(one);
    changed ||= next !== one;
    return next;
  });
  return changed ? { ...agent, channels } : agent;
}

/** The change that puts a channel into the named state; the same state again keeps its `sinceMs`. */
export function intoState(
  operationName: string,
  nowMs: number,
): (state: MediaChannelState) => MediaChannelState {
  return (state) =>
    state.operationName === operationName ? state : { ...state, operationName, sinceMs: nowMs };
}

export function withDoNotDisturb(doNotDisturb: boolean): (state: MediaChannelState) => MediaChannelState {
  return (state) => (state.doNotDisturb === doNotDisturb ? state : { ...state, doNotDisturb });
}

/** Since when the agent takes chats, or null when they do not. */
export function readyForChatSince(agent: AgentState): number | null {
  const chat = agent.channels.find((one) => one.channel === 'chat');
  if (agent.sessionStartedAtMs === null || !chat || chat.doNotDisturb) return null;
  return chat.operationName === ready ? chat.sinceMs : null;
}

/** Watches the agent from now on, instead of how they were watched before. */
export function monitor(supervisor: AgentState, wish: Monitoring): AgentState {
  const kept = (supervisor.monitoring ?? []).filter((one) => one.agentId !== wish.agentId);
  return { ...supervisor, monitoring: [...kept, wish] };
}

/** Watches the agent no more; with `mode` only a wish of that mode ends. The same object when there is none. */
export function monitorNoMore(
  supervisor: AgentState,
  agentId: AgentId,
  mode?: Monitoring['mode'],
): AgentState {
  const { monitoring = [] } = supervisor;
  const kept = monitoring.filter(
    (one) => one.agentId !== agentId || (mode !== undefined && one.mode !== mode),
  );
  return kept.length === monitoring.length ? supervisor : { ...supervisor, monitoring: kept };
}
