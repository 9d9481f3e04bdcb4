import type { SkillRequirement } from '../domain/chat-event.ts';
import { mismatchOf } from '../routing/eligibility.ts';
import type { ConfiguredAgent } from './people.ts';
import type { Operations } from './operations.ts';

/** Who has signed in for chats, ready or not. */
export function signedIn({ roster, people, presence }: Operations): readonly ConfiguredAgent[] {
  const found: ConfiguredAgent[] = [];
  for (const { state } of roster.heads()) {
    const person = people.get(state.agentId);
    const isOnChat = state.channels.some((one) => one.channel === 'chat');
    if (person && isOnChat && state.sessionStartedAtMs !== null && presence.isThere(state.agentId))
      found.push(person);
  }
  return found;
}

/** Answers whether anybody who serves the queue and has the skills has signed in, as of now. */
export type Staffing = (queue: string, skills: readonly SkillRequirement[]) => boolean;

/** Looks once who has signed in and once at each mixture of queue and skills: for one turn of the event loop. */
export function staffingOf(operations: Operations): Staffing {
  let there: readonly ConfiguredAgent[] | null = null;
  const known = new Map<string, boolean>();
  return (queue, skills) => {
    const key = JSON.stringify([queue, skills]);
    const answered = known.get(key);
    if (answered !== undefined) return answered;
    there ??= signedIn(operations);
    const isStaffed = there.some((person) => mismatchOf(person, { queue, skills }) === null);
    known.set(key, isStaffed);
    return isStaffed;
  };
}
