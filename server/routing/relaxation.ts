import type { SkillRequirement } from '../domain/chat-event.ts';

/** From this wait on a queue asks for these skills, instead of what it asked for before. */
export interface RelaxationStep {
  readonly afterMs: number;
  readonly skills: readonly SkillRequirement[];
}

/** What is asked for after a wait, and after how long a wait something else will be; null when nothing changes any more. */
export interface Requirement {
  readonly skills: readonly SkillRequirement[];
  readonly nextAfterMs: number | null;
}

const noSteps: readonly RelaxationStep[] = [];

/**
 * What a chat that has waited for `waitedMs` asks for. Steps are in order of time and each replaces the requirement
 * whole, from its `afterMs` on; `skills` is what holds before the first. A negative wait counts as none.
 */
export function requirementAfter(
  waitedMs: number,
  skills: readonly SkillRequirement[],
  steps: readonly RelaxationStep[] = noSteps,
): Requirement {
  const next = steps.findIndex((step) => step.afterMs > Math.max(0, waitedMs));
  const passed = next === -1 ? steps.length : next;
  return {
    skills: steps[passed - 1]?.skills ?? skills,
    nextAfterMs: steps[passed]?.afterMs ?? null,
  };
}
