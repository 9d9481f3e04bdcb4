import type {
  RoutingExplanation as ExplanationView,
  RoutingRecord as RecordView,
  RoutingStep,
  RoutingVerdict,
} from '@parley/contract/gws/routing.ts';
import { isSupervisor } from '../domain/chat.ts';
import type { StoredEvent } from '../domain/chat-event.ts';
import type { AgentId } from '../domain/ids.ts';
import type { ConfiguredAgent } from '../operations/people.ts';
import type { RoutingRecord, RoutingView } from '../operations/routing-record.ts';
import type { ConsideredAgent } from '../routing/explain.ts';
import type { WireFormat } from './wire-format.ts';

/** What the views of routing are made with. */
export interface RoutingWire {
  readonly wire: WireFormat;
  readonly people: ReadonlyMap<AgentId, ConfiguredAgent>;
}

type UserView = RoutingVerdict['user'];

/** Somebody who is not in the set-up any more has no name. */
function userView(agentId: AgentId, { wire, people }: RoutingWire): UserView {
  const path = `/users/${agentId}`;
  return { id: agentId, userName: people.get(agentId)?.userName ?? '', uri: wire.uri(path), path };
}

function verdictView({ agentId, verdict }: ConsideredAgent, at: RoutingWire): RoutingVerdict {
  const user = userView(agentId, at);
  switch (verdict.rule) {
    case 'excluded-until':
      return { user, rule: verdict.rule, until: at.wire.timestamp(verdict.untilMs) };
    case 'not-serving-queue':
      return { user, rule: verdict.rule };
    default:
      return { user, ...verdict };
  }
}

/** Why a waiting chat goes to whom it goes: see `RoutingExplanation` of the contract. */
export function explanationView(now: RoutingView, at: RoutingWire): ExplanationView {
  const { explanation, skills, nextSkills, waitEndsAtMs, notReady, signedOut } = now;
  const { queue, positionInQueue, waitedMs, effectivePriority, assignment, agents } = explanation;
  const { nextRelaxationAtMs, nextChangeAtMs } = explanation;
  const timestamp = (atMs: number | null): string | null => (atMs === null ? null : at.wire.timestamp(atMs));
  const copied = (needs: RoutingView['skills']) => needs.map((one) => ({ ...one }));
  return {
    queue,
    positionInQueue,
    waitedMs,
    effectivePriority,
    skills: copied(skills),
    nextRelaxation:
      nextRelaxationAtMs === null
        ? null
        : { at: at.wire.timestamp(nextRelaxationAtMs), skills: copied(nextSkills) },
    nextChangeAt: timestamp(nextChangeAtMs),
    waitEndsAt: timestamp(waitEndsAtMs),
    wouldGet: assignment && userView(assignment.agentId, at),
    agents: [
      ...agents.map((one) => verdictView(one, at)),
      ...notReady.map((agentId) => ({ user: userView(agentId, at), rule: 'not-ready' as const })),
    ],
    signedOut,
  };
}

type Told = Omit<RoutingStep, 'at'>;

/** What an event says of the chat's way to its agents; null for all that is no part of it. */
function stepOf({ event }: StoredEvent, at: RoutingWire): Told | null {
  switch (event.type) {
    case 'ChatQueued': {
      const { queue, reason, skills, excluded } = event;
      const left = excluded
        ? { user: userView(excluded.agentId, at), until: at.wire.timestamp(excluded.untilMs) }
        : {};
      return { step: 'Queued', queue, reason, skills: skills.map((one) => ({ ...one })), ...left };
    }
    case 'ChatOffered': {
      const { rule, waitedMs, effectivePriority, eligibleAgents } = event.reason;
      const until = at.wire.timestamp(event.expiresAtMs);
      const user = userView(event.agentId, at);
      return { step: 'Offered', reason: rule, user, until, waitedMs, effectivePriority, eligibleAgents };
    }
    case 'OfferAccepted':
      return { step: 'Accepted', user: userView(event.agentId, at) };
    case 'OfferRejected':
      return { step: 'Rejected', user: userView(event.agentId, at) };
    case 'OfferRevoked':
      return { step: 'Revoked', user: userView(event.agentId, at), reason: event.reason };
    case 'SessionEnded':
      return { step: 'Ended', reason: event.reason };
    default:
      return null;
  }
}

/** The steps of the log in order. A supervisor who comes in unseen stays unseen: their offers are left out. */
function historyView(events: readonly StoredEvent[], at: RoutingWire): RoutingStep[] {
  const watching = new Set<AgentId>();
  return events.flatMap((stored): RoutingStep[] => {
    const { event, atMs } = stored;
    if (event.type === 'ChatOffered') {
      if (isSupervisor(event.role ?? 'Handler')) watching.add(event.agentId);
      else watching.delete(event.agentId);
    }
    const told = stepOf(stored, at);
    const isHidden = told?.step !== 'Queued' && 'agentId' in event && watching.has(event.agentId);
    return told && !isHidden ? [{ at: at.wire.timestamp(atMs), ...told }] : [];
  });
}

/** A chat's routing record: see `RoutingRecord` of the contract. */
export function routingRecordView(record: RoutingRecord, at: RoutingWire): RecordView {
  const { chatId, waiting, now, events } = record;
  const path = `/chats/${chatId}`;
  return {
    id: chatId,
    uri: at.wire.uri(path),
    path,
    waiting,
    explanation: now && explanationView(now, at),
    history: historyView(events, at),
  };
}
