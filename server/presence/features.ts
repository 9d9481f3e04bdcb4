import { featureIds, type FeatureId } from '@parley/contract/gws/user.ts';

/**
 * What an agent may do, by the feature ids of the agent API (gws-agent-api §8.5). The founding page asks for
 * `api-multimedia`; live servers grant `api-multimedia-chat` (§10, row 13), so each satisfies the other here: this
 * server has no medium but chat.
 */
export interface Feature {
  readonly id: FeatureId;
  readonly displayName: string;
  readonly description: string;
}

const described = {
  'api-multimedia': ['Multimedia', 'Work on interactions of every medium.'],
  'api-multimedia-chat': ['Chat', 'Work on chats.'],
  'api-supervisor-monitoring': [
    'Supervisor monitoring',
    'Monitor, coach and join the chats of other agents.',
  ],
  'api-supervisor-agent-control': ['Supervisor agent control', 'Change the state of other agents.'],
  'api-provisioning-read': ['Provisioning (read)', 'Read the configuration of the contact centre.'],
  'api-provisioning-write': ['Provisioning (write)', 'Change the configuration of the contact centre.'],
} as const satisfies Record<FeatureId, readonly [string, string]>;

/** The table: one row per feature. */
export const features: readonly Feature[] = featureIds.map((id) => {
  const [displayName, description] = described[id];
  return { id, displayName, description };
});

export const roles = ['agent', 'supervisor', 'admin'] as const;
export type Role = (typeof roles)[number];

const byRole: Record<Role, readonly FeatureId[]> = {
  agent: ['api-multimedia-chat'],
  supervisor: ['api-multimedia-chat', 'api-supervisor-monitoring', 'api-supervisor-agent-control'],
  admin: ['api-provisioning-read', 'api-provisioning-write'],
};

/** What somebody with these roles may do when the configuration says nothing else. In the order of the table. */
export function defaultFeatures(held: readonly Role[]): readonly FeatureId[] {
  const granted = new Set(held.flatMap((role) => byRole[role]));
  return featureIds.filter((id) => granted.has(id));
}

const alsoSatisfiedBy: Partial<Record<FeatureId, FeatureId>> = {
  'api-multimedia': 'api-multimedia-chat',
  'api-multimedia-chat': 'api-multimedia',
};

/** Whether an agent with these features passes a check for `required`. */
export function hasFeature(agent: { readonly features: readonly FeatureId[] }, required: FeatureId): boolean {
  const substitute = alsoSatisfiedBy[required];
  return agent.features.some((id) => id === required || id === substitute);
}
