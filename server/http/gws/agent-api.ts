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
  /** Ends a login session: its cookie stops working and its push sessions are closed. */
  readonly endLogin: (login: SignedInAgent['login']) => void;
}
