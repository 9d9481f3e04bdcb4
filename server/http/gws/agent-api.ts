import type { AgentId } from '../../domain/ids.ts';
import type { Operations } from '../../operations/operations.ts';
import type { AgentStates } from '../../presence/agent-states.ts';
import type { WireFormat } from '../../views/wire-format.ts';
import type { SignedInAgent } from './agent-door.ts';

/** What the handlers of the agent API work with. */
export interface AgentApi {
  readonly operations: Operations;
  readonly wire: WireFormat;
  readonly states: AgentStates;
  readonly version: string;
  /** Whether the server is stopping: its services are then told to be inactive. */
  readonly isDraining: () => boolean;
  /** Tells an agent's desktops that they are told of the workbin. */
  readonly tellSubscribed: (agentId: AgentId, referenceId: number) => void;
  /** Tells an agent on `/v2/ucs/interactions` what `work` brings, after the reply that is on its way. */
  readonly tellLater: (agentId: AgentId, work: () => Promise<object>) => void;
  /** The text under which a password is stored. Throws when too many are waiting to be hashed. */
  readonly hashPassword: (password: string) => Promise<string>;
  /** Ends a login session: its cookie stops working and its push sessions are closed. */
  readonly endLogin: (login: SignedInAgent['login']) => void;
}
