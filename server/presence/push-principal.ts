import type { Client } from '../auth/client-addresses.ts';
import type { AgentId } from '../domain/ids.ts';

/**
 * Who a push session belongs to: an agent, by one of their login sessions (null when each request carries the
 * password itself), or a customer's page.
 */
export type PushPrincipal =
  | { readonly kind: 'agent'; readonly agentId: AgentId; readonly loginDigest: string | null }
  | { readonly kind: 'customer'; readonly client: Client };
