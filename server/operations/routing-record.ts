import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import { assignmentOf, foldLog } from '../domain/chat.ts';
import type { SkillRequirement, StoredEvent } from '../domain/chat-event.ts';
import type { AgentId, ChatId, ContactId } from '../domain/ids.ts';
import { hasFeature } from '../presence/features.ts';
import { explain, type RoutingExplanation } from '../routing/explain.ts';
import { requirementAfter } from '../routing/relaxation.ts';
import type { RoutingSnapshot, WaitingChat } from '../routing/snapshot.ts';
import { admission, type Admitted } from './admission.ts';
import type { Operations } from './operations.ts';
import type { ConfiguredAgent } from './people.ts';
import { placementOf } from './queues.ts';
import { routingSnapshot } from './router.ts';
import { signedIn } from './staffing.ts';

/** What is decided of a waiting chat now, with what the router itself does not look at. */
export interface RoutingView {
  readonly explanation: RoutingExplanation;
  readonly skills: readonly SkillRequirement[];
  readonly nextSkills: readonly SkillRequirement[];
  readonly waitEndsAtMs: number | null;
  /** Those who have signed in and are not ready, so that the router does not know them. */
  readonly notReady: readonly AgentId[];
  /** How many have not signed in. */
  readonly signedOut: number;
}

export interface RoutingRecord {
  readonly chatId: ChatId;
  readonly waiting: boolean;
  readonly now: RoutingView | null;
  /** The chat's whole log. */
  readonly events: readonly StoredEvent[];
}

/** Whether somebody may see how chats of others are routed. */
export function mayExplain(agent: Pick<ConfiguredAgent, 'features'>): boolean {
  return hasFeature(agent, 'api-supervisor-monitoring') || hasFeature(agent, 'api-provisioning-read');
}

function viewOf(operations: Operations, snapshot: RoutingSnapshot, chat: WaitingChat): RoutingView | null {
  const explanation = explain(snapshot, chat.chatId);
  if (!explanation) return null;
  const { people, queues } = operations;
  const queue = queues.get(chat.queue);
  const { nextRelaxationAtMs, waitingSinceMs } = chat;
  const relaxed =
    nextRelaxationAtMs === undefined
      ? chat.skills
      : requirementAfter(nextRelaxationAtMs - waitingSinceMs, chat.skills, queue?.relaxation).skills;
  const ready = new Set(snapshot.agents.map((one) => one.agentId));
  const there = signedIn(operations).map((one) => one.agentId);
  return {
    explanation,
    skills: chat.skills,
    nextSkills: relaxed,
    waitEndsAtMs: queue?.maxWaitMs ? waitingSinceMs + queue.maxWaitMs : null,
    notReady: there.filter((agentId) => !ready.has(agentId)),
    signedOut: people.size - there.length,
  };
}

/**
 * A chat's routing record. NotFound for those who have no part in the chat and may not see the routing of others, as
 * for a chat that does not exist. What waits is looked at in its newest state, the log as it is on disk.
 */
export async function routingRecord(
  operations: Operations,
  agent: ConfiguredAgent,
  chatId: ChatId,
): Promise<RoutingRecord | Refusal> {
  const events = await operations.journal.chatEvents(chatId);
  const chat = foldLog(events);
  const mayRead = chat && (mayExplain(agent) || assignmentOf(chat, agent.agentId));
  if (!mayRead) return refuse('NotFound', 'There is no such chat.');
  const snapshot = routingSnapshot(operations);
  const waiting = snapshot.waiting.find((one) => one.chatId === chatId);
  return {
    chatId,
    waiting: waiting !== undefined,
    now: waiting ? viewOf(operations, snapshot, waiting) : null,
    events,
  };
}

/** A chat that does not exist: `service` or `queue` says where it would come, the rest what is different about it. */
export interface Supposed {
  readonly service?: string | undefined;
  readonly queue?: string | undefined;
  readonly skills?: readonly SkillRequirement[] | undefined;
  readonly contactId?: string | undefined;
  readonly priority?: number | undefined;
}

export interface DryRun {
  readonly admitted: Admitted | Refusal;
  readonly now: RoutingView | null;
}

/** Behind all others of the same rank: ids are letters and digits. */
const supposedId = '~' as ChatId;

/**
 * Who would get a chat that came now. Changes nothing. Refuses MissingParameter without a service or queue,
 * InvalidParameter with both, NotFound for one or a contact that does not exist.
 */
export async function dryRun(operations: Operations, supposed: Supposed): Promise<DryRun | Refusal> {
  const { services, queues, journal, contacts } = operations;
  const { service: serviceName, queue: queueName, contactId } = supposed;
  if (serviceName === undefined && queueName === undefined)
    return refuse('MissingParameter', 'The parameter "service" or "queue" is missing.');
  if (serviceName !== undefined && queueName !== undefined)
    return refuse('InvalidParameter', 'Only one of "service" and "queue" can be given.');
  const service = services.get(serviceName ?? '');
  if (!service && !queues.has(queueName ?? ''))
    return refuse('NotFound', `There is no ${queueName === undefined ? 'service' : 'queue'} of this name.`);
  const id = contactId as ContactId | undefined;
  const contact = id === undefined ? null : (contacts.held(id) ?? (await journal.findContact({ id })));
  if (id !== undefined && !contact) return refuse('NotFound', 'There is no such contact.');

  const admitted = admission(operations, service ?? { queue: queueName ?? '' });
  if (isRefusal(admitted)) return { admitted, now: null };
  const chat = supposedChat(operations, admitted.queue, {
    ...supposed,
    lastAgentId: (contact?.lastAgentId ?? null) as AgentId | null,
  });
  const snapshot = routingSnapshot(operations);
  const now = viewOf(operations, { ...snapshot, waiting: [...snapshot.waiting, chat] }, chat);
  return { admitted, now };
}

function supposedChat(
  operations: Operations,
  queueName: string,
  { skills, priority, lastAgentId }: Supposed & { readonly lastAgentId: AgentId | null },
): WaitingChat {
  const placement = placementOf(operations, queueName);
  const nowMs = operations.clock.now();
  const [first] = operations.queues.get(queueName)?.relaxation ?? [];
  const relaxes = first && !skills ? { nextRelaxationAtMs: nowMs + first.afterMs } : {};
  return {
    chatId: supposedId,
    ...placement,
    ...(skills ? { skills } : {}),
    ...(priority === undefined ? {} : { priority }),
    waitingSinceMs: nowMs,
    lastAgentId,
    exclusions: [],
    ...relaxes,
  };
}
