import Type from 'typebox';
import { bounds } from '../bounds.ts';
import { Id, Path, Timestamp, Uri } from './primitives.ts';

/** A skill with a level: the least one that serves (ours). */
export const SkillNeed = Type.Object(
  { skill: Type.String(), level: Type.Integer({ minimum: 0, maximum: 10 }) },
  { title: 'SkillNeed' },
);
export type SkillNeed = Type.Static<typeof SkillNeed>;

const RoutedUser = Type.Object({ id: Id, userName: Type.String(), uri: Uri, path: Path });

/**
 * What the router makes of one agent for one chat (ours). `rule` is why they do not get it, or `would-get`; the other
 * keys belong to some of the rules.
 */
export const RoutingVerdict = Type.Object(
  {
    user: RoutedUser,
    rule: Type.Enum(
      [
        'would-get',
        'behind-in-order',
        'not-serving-queue',
        'missing-skill',
        'level-too-low',
        'excluded-until',
        'at-capacity',
        'not-ready',
      ],
      { description: 'Agents who have not signed in are counted in `signedOut` and not listed.' },
    ),
    by: Type.Optional(
      Type.String({ description: '`would-get`: the rule of choice, `last-agent` or `longest-ready`.' }),
    ),
    place: Type.Optional(
      Type.Integer({ minimum: 2, description: '`behind-in-order`: who would be next has 2.' }),
    ),
    skill: Type.Optional(Type.String()),
    neededLevel: Type.Optional(Type.Integer()),
    level: Type.Optional(Type.Integer({ description: '`level-too-low`: what the agent has.' })),
    until: Type.Optional(
      Type.Union([Timestamp], { description: '`excluded-until`: they declined or did not answer.' }),
    ),
    load: Type.Optional(Type.Integer({ description: '`at-capacity`: chats they have.' })),
    capacity: Type.Optional(Type.Integer()),
    offersAhead: Type.Optional(
      Type.Integer({ description: '`at-capacity`: chats served earlier that would take their room now.' }),
    ),
  },
  { title: 'RoutingVerdict' },
);
export type RoutingVerdict = Type.Static<typeof RoutingVerdict>;

/** Why a waiting chat goes to whom it goes, or to nobody, as of now (ours). */
export const RoutingExplanation = Type.Object(
  {
    queue: Type.String(),
    positionInQueue: Type.Integer({ minimum: 1 }),
    waitedMs: Type.Integer(),
    effectivePriority: Type.Number({ description: 'Priority with ageing.' }),
    skills: Type.Array(SkillNeed, { description: 'What is asked for now.' }),
    nextRelaxation: Type.Union([Type.Object({ at: Timestamp, skills: Type.Array(SkillNeed) }), Type.Null()], {
      description: 'When the queue asks for other skills, and for which.',
    }),
    nextChangeAt: Type.Union([Timestamp, Type.Null()], {
      description:
        'When the chat may be offered though nothing else happens; null when only a change can help.',
    }),
    waitEndsAt: Type.Union([Timestamp, Type.Null()], {
      description: 'When it leaves the queue by `maxWaitMs`; null: never.',
    }),
    wouldGet: Type.Union([RoutedUser, Type.Null()]),
    agents: Type.Array(RoutingVerdict, { description: 'Those who can take it first and in order.' }),
    signedOut: Type.Integer({ minimum: 0 }),
  },
  { title: 'RoutingExplanation' },
);
export type RoutingExplanation = Type.Static<typeof RoutingExplanation>;

/** Something that happened on the way of a chat to its agents (ours), from the chat's log. */
export const RoutingStep = Type.Object(
  {
    at: Timestamp,
    step: Type.Enum(['Queued', 'Offered', 'Accepted', 'Rejected', 'Revoked', 'Ended']),
    reason: Type.Optional(
      Type.String({ description: 'Why; of an offer the rule that made it, such as `longest-ready`.' }),
    ),
    queue: Type.Optional(Type.String()),
    skills: Type.Optional(Type.Array(SkillNeed)),
    user: Type.Optional(RoutedUser),
    waitedMs: Type.Optional(Type.Integer()),
    effectivePriority: Type.Optional(Type.Number()),
    eligibleAgents: Type.Optional(Type.Integer({ description: 'How many could have taken it.' })),
    until: Type.Optional(Timestamp),
  },
  { title: 'RoutingStep' },
);
export type RoutingStep = Type.Static<typeof RoutingStep>;

/** A chat's routing record (ours): what happened, and while it waits what is decided now. */
export const RoutingRecord = Type.Object(
  {
    id: Id,
    uri: Uri,
    path: Path,
    waiting: Type.Boolean(),
    explanation: Type.Union([RoutingExplanation, Type.Null()], {
      description: 'Null when it does not wait.',
    }),
    history: Type.Array(RoutingStep),
  },
  { title: 'RoutingRecord' },
);
export type RoutingRecord = Type.Static<typeof RoutingRecord>;

/** What would become of a chat that came now (ours). */
export const DryRun = Type.Object(
  {
    admission: Type.Object({
      outcome: Type.Enum(['Enter', 'Refuse']),
      queue: Type.Union([Type.String(), Type.Null()], {
        description: 'Where it would wait: the overflow queue, perhaps.',
      }),
      text: Type.String({ description: 'What its customer would be told; empty: nothing.' }),
    }),
    explanation: Type.Union([RoutingExplanation, Type.Null()], {
      description: 'Null when it would be refused.',
    }),
  },
  { title: 'DryRun' },
);
export type DryRun = Type.Static<typeof DryRun>;

const ok = Type.Literal(0);
const Named = Type.Optional(Type.String({ minLength: 1, maxLength: bounds.nameLength }));

/** Routing that explains itself: for the agents of the chat, supervisors and administrators. */
export const routingRoutes = {
  getChatRouting: {
    method: 'GET',
    path: '/api/v2/chats/{id}/routing',
    summary:
      'Who was offered a chat and why, and while it waits who would get it and what keeps the others from it.',
    tag: 'chats',
    auth: 'agent',
    reply: Type.Object({ statusCode: ok, routing: RoutingRecord }),
  },
  dryRunRouting: {
    method: 'POST',
    path: '/api/v2/routing/dry-run',
    summary:
      'Who would get a chat that came now, and why not the others; changes nothing. For supervisors (feature ' +
      '`api-supervisor-monitoring`) and administrators (`api-provisioning-read`).',
    tag: 'supervision',
    auth: 'agent',
    body: Type.Object({
      service: Named,
      queue: Named,
      skills: Type.Optional(
        Type.Array(SkillNeed, { maxItems: 100, description: "Instead of the queue's; they do not relax." }),
      ),
      contactId: Named,
      priority: Type.Optional(Type.Number({ minimum: -1_000_000, maximum: 1_000_000 })),
    }),
    reply: Type.Object({ statusCode: ok, dryRun: DryRun }),
  },
} as const;
