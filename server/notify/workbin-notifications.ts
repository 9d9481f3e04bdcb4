import type {
  WorkbinStateChangeMessage,
  WorkbinSubscriptionStateChangeMessage,
} from '@parley/contract/gws/desktop-notifications.ts';
import { assignmentOf } from '../domain/chat.ts';
import type { AgentId } from '../domain/ids.ts';
import type { Commit } from '../operations/chat-book.ts';
import { parkedBy } from '../operations/workbin.ts';
import { chatView } from '../views/agent-view.ts';
import { wireIds } from '../views/name-id.ts';
import type { WireFormat } from '../views/wire-format.ts';

/** The topic on which agents hear of their workbins (gws-agent-api §3.2). */
export const workbinsTopic = '/v2/me/workbins';

/** What a commit means for a workbin: nothing, or a chat that came or went. */
export function workbinNotification(
  { before, after, origin }: Commit,
  wire: WireFormat,
): { readonly agentId: AgentId; readonly message: WorkbinStateChangeMessage } | null {
  const [was, is] = [parkedBy(before), parkedBy(after)];
  const agentId = is ?? was;
  if (was === is || agentId === null || !assignmentOf(after, agentId)) return null;
  const caused = origin?.agentId === agentId ? { referenceId: origin.referenceId } : {};
  const message: WorkbinStateChangeMessage = {
    messageType: 'WorkbinStateChangeMessage',
    action: is === null ? 'ItemRemoved' : 'ItemAdded',
    id: wireIds.workbin(agentId),
    chatStateResourceV2: chatView(after, agentId, wire),
    ...caused,
  };
  return { agentId, message };
}

export function subscribedToWorkbin(
  agentId: AgentId,
  referenceId: number,
): WorkbinSubscriptionStateChangeMessage {
  const id = wireIds.workbin(agentId);
  return {
    messageType: 'WorkbinSubscriptionStateChangeMessage',
    id,
    workbinUserId: agentId,
    stateResource: 'Subscribed',
    referenceId,
  };
}
