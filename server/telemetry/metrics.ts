import { Registry } from 'prom-client';
import type { Metrics } from '@parley/bayeux/server.ts';
import { stateOf } from '../journal/projection.ts';
import type { LoadSampler } from '../limits/load-sampler.ts';
import type { Operations } from '../operations/operations.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { addCounter, addGauge, addHistogram, type Reading } from './exposition.ts';
import { registerOutboxMetrics } from './outbox-metrics.ts';
import { metricsOfProcess } from './process-metrics.ts';
import type { Traffic } from './traffic.ts';

export interface MetricsParts {
  readonly operations: Operations;
  readonly bayeux: { snapshot(): Metrics; eventsNotSeen(): number; largestQueueBytes(): number };
  readonly traffic: Traffic;
  readonly sampler: LoadSampler;
  readonly outbox: Pick<Outbox, 'status'>;
}

/** What of the push engine goes up and down; the rest only grows. */
const pushGauges = new Set<keyof Metrics>([
  'sessions',
  'browsers',
  'principals',
  'subscribedChannels',
  'sockets',
  'timers',
]);

/**
 * The metrics of one server, in a registry of its own so that several servers can live in one process. Other parts add theirs with
 * the functions of `exposition.ts`. docs/operations.md says what they mean.
 */
export function createMetrics(parts: MetricsParts): Registry {
  const registry = Registry.merge([metricsOfProcess()]);
  addPromise(registry, parts);
  addRoom(registry, parts.operations);
  addWork(registry, parts.operations);
  addProtection(registry, parts);
  addPush(registry, parts);
  registerOutboxMetrics(registry, parts.outbox);
  return registry;
}

/** What the delivery contract promises, measured. */
function addPromise(registry: Registry, { operations, bayeux, traffic }: MetricsParts): void {
  const { meter } = operations.journal;
  addHistogram(
    registry,
    {
      name: 'parley_delivery_seconds',
      help: 'From the decision on what somebody did to its hand-over to the connection of each reader by push.',
    },
    traffic.deliverySeconds,
  );
  addGauge(
    registry,
    {
      name: 'parley_accepted_not_seen',
      help: 'Deliveries of durable events that no client has received or acknowledged yet.',
    },
    () => bayeux.eventsNotSeen(),
  );
  addGauge(
    registry,
    {
      name: 'parley_push_largest_queue_bytes',
      help: 'Bytes that wait for the push session for which most do.',
    },
    () => bayeux.largestQueueBytes(),
  );
  addHistogram(
    registry,
    { name: 'parley_commit_batch_entries', help: 'Operations in one commit.' },
    meter.batchEntries,
  );
  addHistogram(
    registry,
    { name: 'parley_commit_seconds', help: 'From the start of a commit to its end on disk.' },
    meter.commitSeconds,
  );
  addGauge(
    registry,
    { name: 'parley_commit_waiting', help: 'Operations that are not on disk yet.' },
    () => meter.waitingEntries,
  );
  addGauge(
    registry,
    { name: 'parley_commit_waiting_characters', help: 'Their JSON in characters.' },
    () => meter.waitingLength,
  );
  addGauge(
    registry,
    { name: 'parley_commit_oldest_waiting_seconds', help: 'How long the oldest of them has been waiting.' },
    () => meter.oldestWaitingMs() / 1000,
  );
}

/** Whether there is room for what is to be stored. */
function addRoom(registry: Registry, { journal }: Operations): void {
  addGauge(
    registry,
    { name: 'parley_store_full', help: '1 while there is no room on the disk for the next commit, else 0.' },
    () => (journal.meter.isFull ? 1 : 0),
  );
}

function counted(label: string, names: Iterable<string>, known: Iterable<string> = []): Reading {
  const values: Record<string, number> = Object.fromEntries(Array.from(known, (name) => [name, 0]));
  for (const name of names) values[name] = (values[name] ?? 0) + 1;
  return { label, values };
}

/** What there is to do, and who does it. */
function addWork(registry: Registry, operations: Operations): void {
  const { chats, roster, queues } = operations;
  addGauge(registry, { name: 'parley_chats', help: 'Chats that are not closed, by state.' }, () =>
    counted('state', Array.from(chats.heads(), stateOf), ['Waiting', 'Offered', 'Chatting', 'Ended']),
  );
  addGauge(registry, { name: 'parley_queue_length', help: 'Chats that wait, by queue.' }, () =>
    counted(
      'queue',
      Array.from(chats.waiting(), (chat) => chat.placement.queue),
      queues.keys(),
    ),
  );
  addGauge(registry, { name: 'parley_agents', help: 'Agents by the state of their chat channel.' }, () =>
    counted(
      'state',
      Array.from(roster.heads(), ({ state }) => state.channels[0]?.operationName ?? 'Offline'),
    ),
  );
}

/** What keeps too much away. */
function addProtection(registry: Registry, { operations, traffic, sampler }: MetricsParts): void {
  const { overload, limits } = operations;
  addHistogram(
    registry,
    { name: 'parley_event_loop_lag_seconds', help: 'How late a timer ran, ten times a second.' },
    sampler.lagSeconds,
  );
  addGauge(
    registry,
    { name: 'parley_overload_stage', help: '0: all is taken; 1: no new chats; 2: no new messages either.' },
    () => ({ Normal: 0, NoNewChats: 1, NoNewMessages: 2 })[overload.stage()],
  );
  addGauge(
    registry,
    {
      name: 'parley_overload_share',
      help: 'How near each signal is to the limit of new chats, 1 being there.',
    },
    () => ({ label: 'signal', values: { ...overload.shares() } }),
  );
  addCounter(registry, { name: 'parley_overload_refused_total', help: 'What overload has refused.' }, () => ({
    label: 'what',
    values: { new_chats: overload.refused.newChats, messages: overload.refused.messages },
  }));
  addCounter(
    registry,
    { name: 'parley_rate_limited_total', help: 'Requests that a rate limit has refused, by limit.' },
    () => ({ label: 'limit', values: limits.refused() }),
  );
  addCounter(registry, { name: 'parley_http_requests_total', help: 'HTTP requests by kind.' }, () => ({
    label: 'kind',
    values: traffic.requests,
  }));
  addCounter(
    registry,
    { name: 'parley_refusals_total', help: 'Refused requests by reason (docs/status-codes.md).' },
    () => ({ label: 'refusal', values: traffic.refusals }),
  );
}

function addPush(registry: Registry, { bayeux }: MetricsParts): void {
  for (const key of Object.keys(bayeux.snapshot()) as (keyof Metrics)[]) {
    const isGauge = pushGauges.has(key);
    const name = `parley_push_${toSnakeCase(key)}${isGauge ? '' : '_total'}`;
    const text = { name, help: `Of the push engine: ${key} (see bayeux/README.md).` };
    (isGauge ? addGauge : addCounter)(registry, text, () => bayeux.snapshot()[key]);
  }
}

function toSnakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
