import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import { changeChannels, intoState, startSession, withDoNotDisturb } from '../domain/agent.ts';
import type { AgentId } from '../domain/ids.ts';
import { releaseChatsOf, signOut } from './agent-gone.ts';
import type { Operations } from './operations.ts';

/** What became of each channel: the shape of a partial success (gws-agent-api §1.2). */
export interface SessionOutcome {
  readonly succeeded: readonly { readonly channel: string }[];
  readonly failed: readonly { readonly channel: string; readonly refusal: Refusal }[];
}

/** The one name under which all multimedia channels are reported. */
const multimedia = 'multimedia';

/**
 * StartContactCenterSession (gws-agent-api §2.4): puts the agent on the channels that are served here. Repeating it
 * changes nothing. Channels that are not served, such as voice, fail by themselves.
 */
export async function startContactCenterSession(
  operations: Operations,
  agentId: AgentId,
  channels: readonly string[],
): Promise<SessionOutcome> {
  const { config, clock, presence, roster } = operations;
  const served: readonly string[] = config.agentSession.channels;
  const known = [...new Set(channels)].filter((channel) => served.includes(channel));
  const failed = [...new Set(channels)]
    .filter((channel) => !served.includes(channel))
    .map((channel) => ({
      channel,
      refusal: refuse('ChannelNotServed', `Channel '${channel}' is not served here.`),
    }));
  if (known.length === 0) return { succeeded: [], failed };
  const at = { nowMs: clock.now(), operationName: config.agentSession.stateAfterLogin };
  presence.started(agentId);
  const started = await roster.change(
    agentId,
    (state) => startSession(state, known, at),
    originOf(operations, agentId),
  );
  if (isRefusal(started))
    return { succeeded: [], failed: [...known.map((channel) => ({ channel, refusal: started })), ...failed] };
  return { succeeded: [{ channel: multimedia }], failed };
}

/**
 * EndContactCenterSession (§2.5): signs the agent out of all channels, whichever of their pages asks (§2.8). Their
 * chats go on with others; by `presence.endOfSessionReleasesChats` they keep them. Refuses Unavailable when the store
 * takes nothing now.
 */
export async function endContactCenterSession(
  operations: Operations,
  agentId: AgentId,
): Promise<Refusal | null> {
  // Signed out first: the router must not give the chats back to the same agent.
  const outcome = await signOut(operations, agentId, originOf(operations, agentId));
  if (isRefusal(outcome)) return outcome;
  if (operations.config.presence.endOfSessionReleasesChats) await releaseChatsOf(operations, agentId);
  return null;
}

export interface StateRequest {
  /** A state descriptor's operation name, or DoNotDisturbOn / DoNotDisturbOff (§6.1). */
  readonly operationName: string;
  /** One channel, or all of them when undefined. */
  readonly channel?: string;
  /** Who asks, when it is not the agent: a supervisor (§6.1). */
  readonly by?: AgentId;
}

/**
 * Ready, NotReady, a custom reason, Offline or do-not-disturb, on one channel or all (§6.1). Refuses
 * NotAllowedInState without a contact-centre session and NotFound for a channel that is not part of it.
 */
export async function setAgentState(
  operations: Operations,
  agentId: AgentId,
  request: StateRequest,
): Promise<Refusal | null> {
  const { roster, clock } = operations;
  const { operationName, channel, by = agentId } = request;
  const { channels } = roster.stateOf(agentId);
  if (channels.length === 0) return refuse('NotAllowedInState', 'Start a contact-centre session first.');
  if (channel !== undefined && !channels.some((one) => one.channel === channel))
    return refuse('NotFound', `There is no channel "${channel}" in the session.`);
  const change =
    operationName === 'DoNotDisturbOn' || operationName === 'DoNotDisturbOff'
      ? withDoNotDisturb(operationName === 'DoNotDisturbOn')
      : intoState(operationName, clock.now());
  const changed = await roster.change(
    agentId,
    (state) => changeChannels(state, channel, change),
    originOf(operations, by),
  );
  return isRefusal(changed) ? changed : null;
}

function originOf(operations: Operations, agentId: AgentId): { agentId: AgentId; referenceId: number } {
  return { agentId, referenceId: operations.nextReferenceId() };
}
