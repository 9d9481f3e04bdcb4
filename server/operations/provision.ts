import { refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { AgentId } from '../domain/ids.ts';
import type { Chat } from '../domain/chat.ts';
import { agentIsGone } from './agent-gone.ts';
import type { Operations } from './operations.ts';
import type { ConfiguredAgent } from './people.ts';
import { placementOf } from './queues.ts';
import type { SetUpEntries, SetUpKind, UserEntry } from './set-up.ts';
import { parkedChats } from './workbin.ts';

/** One entry as it is to be from now on; `after` undefined removes it. */
export interface SetUpRequest<Kind extends SetUpKind> {
  readonly kind: Kind;
  readonly id: string;
  readonly after: SetUpEntries[Kind] | undefined;
}

/** What may be written down of an entry: never a password, nor its hash. */
function audited(entry: object | undefined): unknown {
  if (!entry) return null;
  const { passwordHash: _secret, ...rest } = entry as { readonly passwordHash?: string };
  return rest;
}

function passwordChanged(before: object | undefined, after: object | undefined): boolean {
  const hashOf = (entry: object | undefined) =>
    (entry as { passwordHash?: string } | undefined)?.passwordHash;
  return after !== undefined && hashOf(after) !== undefined && hashOf(before) !== hashOf(after);
}

/**
 * Puts a change of the set-up in force, writes it down in the audit, and resolves when both are durable. It holds from
 * the call on, so of two that create the same thing the second finds the first.
 */
export async function changeSetUp<Kind extends SetUpKind>(
  operations: Operations,
  by: ConfiguredAgent,
  { kind, id, after }: SetUpRequest<Kind>,
): Promise<void> {
  const { setUp, audit, clock } = operations;
  const before = setUp.entries(kind).get(id);
  setUp.put(kind, id, after);
  const secret = passwordChanged(before, after) ? { password: 'changed' } : {};
  const change = {
    agentId: by.agentId,
    userName: by.userName,
    action: before === undefined ? 'Create' : after === undefined ? 'Delete' : 'Update',
    kind,
    resourceId: id,
    before: audited(before),
    after: after === undefined ? null : { ...(audited(after) as object), ...secret },
  } as const;
  const row = { kind, id, value: after ?? null };
  await audit.record(change, clock.now(), [{ table: 'provisioned', row }]);
}

/** AlreadyExists when the name is taken; names of users compare without case, like the file's. */
export function refuseTakenUserName(operations: Operations, userName: string): Refusal | null {
  const fold = (name: string): string => name.normalize('NFC').toLowerCase();
  for (const user of operations.setUp.entries('user').values())
    if (fold(user.userName) === fold(userName))
      return refuse('AlreadyExists', `There is a user "${userName}" already.`);
  return null;
}

/** NotFound for skills that the contact centre does not have. */
export function refuseUnknownSkills(operations: Operations, names: Iterable<string>): Refusal | null {
  const skills = operations.setUp.entries('skill');
  for (const name of names) if (!skills.has(name)) return refuse('NotFound', `There is no skill "${name}".`);
  return null;
}

/** InUse when somebody has the skill or a queue asks for it. */
export function refuseSkillInUse(operations: Operations, skill: string): Refusal | null {
  for (const user of operations.setUp.entries('user').values())
    if (Object.hasOwn(user.skills, skill)) return refuse('InUse', `${user.userName} has the skill.`);
  for (const queue of operations.queues.values())
    if (queue.skills.some((one) => one.skill === skill))
      return refuse('InUse', `The queue ${queue.name} asks for the skill.`);
  return null;
}

/** InUse when a service leads to the queue, an agent is bound to it, a chat waits in it, or it is the last. */
export function refuseQueueInUse(operations: Operations, name: string): Refusal | null {
  const { services, queues, chats, setUp } = operations;
  for (const service of services.values())
    if (service.queue === name) return refuse('InUse', `The service ${service.name} leads to the queue.`);
  for (const user of setUp.entries('user').values())
    if (user.queues?.includes(name)) return refuse('InUse', `${user.userName} serves the queue.`);
  if (chats.waiting().some((chat) => chat.placement.queue === name))
    return refuse('InUse', 'Chats wait in the queue.');
  return queues.size > 1 ? null : refuse('InUse', 'It is the only queue.');
}

/** Forbidden when nobody would be left who may change the set-up. */
export function refuseLastAdministrator(
  operations: Operations,
  id: AgentId,
  after: UserEntry | undefined,
): Refusal | null {
  const mayWrite = (user: UserEntry | undefined): boolean =>
    user !== undefined && user.enabled && user.features.includes('api-provisioning-write');
  const users = [...operations.setUp.entries('user').values()];
  const others = users.some((user) => user.id !== id && mayWrite(user));
  const wasOne = mayWrite(operations.setUp.entries('user').get(id));
  return others || !wasOne || mayWrite(after)
    ? null
    : refuse('Forbidden', 'Nobody would be left who may change the set-up.');
}

/**
 * After somebody was removed or disabled: they are signed out and their chats, parked ones too, go back to the queue. An agent who is
 * removed altogether leaves the roster as well.
 */
export async function dismissAgent(
  operations: Operations,
  agentId: AgentId,
  { forget }: { readonly forget: boolean },
): Promise<void> {
  await agentIsGone(operations, agentId);
  await Promise.all(parkedChats(operations, agentId).map((chat) => unpark(operations, chat)));
  if (forget) operations.roster.remove(agentId);
}

/** A chat that was parked waits for everybody again, in the queue of its service. */
async function unpark(operations: Operations, { id, service }: Chat): Promise<void> {
  const [first] = operations.queues.keys();
  const queue = operations.services.get(service)?.queue ?? first;
  if (queue === undefined) throw new Error('there is always a queue');
  await operations.chats.submit(id, { type: 'Overflow', placement: placementOf(operations, queue) });
}
