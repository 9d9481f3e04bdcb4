import { refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { TableWrite } from '../journal/journal.ts';
import type { Operations } from '../operations/operations.ts';
import type { ConfiguredAgent } from '../operations/people.ts';
import type { DeadLetter } from './lane.ts';
import type { Outbox } from './outbox.ts';

/** An administrator's change, for which the audit names them. */
export interface Administration {
  readonly operations: Pick<Operations, 'audit' | 'clock'>;
  readonly outbox: Outbox;
  readonly by: ConfiguredAgent;
}

interface Change {
  readonly kind: 'webhook' | 'webhook-message';
  readonly id: string;
  readonly action: 'Update' | 'Delete';
  readonly after: object | null;
}

function write(
  { operations, by }: Administration,
  { kind, id, action, after }: Change,
  writes: readonly TableWrite[],
): Promise<void> {
  const { agentId, userName } = by;
  const change = { agentId, userName, action, kind, resourceId: id, before: null, after };
  return operations.audit.record(change, operations.clock.now(), writes);
}

function noReceiver(): Refusal {
  return refuse('NotFound', 'There is no such webhook.');
}

async function revive(
  administration: Administration,
  change: Change,
  letters: readonly DeadLetter[],
): Promise<void> {
  const { outbox } = administration;
  await write(
    administration,
    change,
    letters.map((letter) => outbox.revival(letter)),
  );
  outbox.revived(letters);
}

/** Sends all dead letters of a receiver again. NotFound when there is no such receiver. */
export async function redeliverAll(
  administration: Administration,
  receiver: string,
): Promise<Refusal | null> {
  const letters = administration.outbox.deadLetters(receiver);
  if (!letters) return noReceiver();
  const after = { redelivered: letters.length };
  await revive(administration, { kind: 'webhook', id: receiver, action: 'Update', after }, letters);
  return null;
}

/** Forgets all dead letters of a receiver. NotFound when there is no such receiver. */
export async function discardAll(administration: Administration, receiver: string): Promise<Refusal | null> {
  const { outbox } = administration;
  const letters = outbox.deadLetters(receiver);
  if (!letters) return noReceiver();
  const change = {
    kind: 'webhook',
    id: receiver,
    action: 'Update',
    after: { discarded: letters.length },
  } as const;
  await write(
    administration,
    change,
    letters.map(({ id }) => ({ table: 'outbox', delete: id })),
  );
  outbox.discarded(letters);
  return null;
}

/** Sends a dead letter again. NotFound when there is none of this id. */
export async function redeliver(
  administration: Administration,
  receiver: string,
  id: string,
): Promise<Refusal | null> {
  const letter = administration.outbox.deadLetters(receiver)?.find((one) => one.id === id);
  if (!letter) return refuse('NotFound', 'There is no such dead letter.');
  const change = { kind: 'webhook-message', id, action: 'Update', after: { redelivered: 1 } } as const;
  await revive(administration, change, [letter]);
  return null;
}

/** Forgets a message, waiting or dead. NotFound when there is none of this id. */
export async function discard(
  administration: Administration,
  receiver: string,
  id: string,
): Promise<Refusal | null> {
  const { outbox } = administration;
  const row = await outbox.find(id);
  if (row?.receiver !== receiver) return refuse('NotFound', 'There is no such message.');
  const change = { kind: 'webhook-message', id, action: 'Delete', after: null } as const;
  await write(administration, change, [{ table: 'outbox', delete: id }]);
  outbox.discarded([row]);
  return null;
}
