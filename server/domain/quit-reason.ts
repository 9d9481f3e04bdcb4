import type { EventOf } from './commands.ts';

/** Why somebody is out of a conversation, as the Chat Server numbers it (gms-customer-api §4.1). */
export type QuitReasonCode = '0' | '3' | '4' | '5' | '7';

const codes = {
  left: '0',
  completed: '0',
  transferred: '0',
  switched: '0',
  gone: '3',
  removed: '4',
  'session-ended': '5',
  released: '5',
  'agent-gone': '5',
  'time-out': '5',
  'not-served': '5',
  idle: '7',
} as const satisfies Record<EventOf<'ParticipantLeft'>['reason'], QuitReasonCode>;

/** The code of a leaving. 8, for those whom a fail-over has lost, does not occur: a restart loses nobody. */
export function quitReasonCode(reason: EventOf<'ParticipantLeft'>['reason']): QuitReasonCode {
  return codes[reason];
}

/** The code as the customer API delivers it; undefined for `0` and `3`, which go to receivers of pushes only. */
export function deliveredQuitReason(
  reason: EventOf<'ParticipantLeft'>['reason'],
): QuitReasonCode | undefined {
  const code = codes[reason];
  return code === '0' || code === '3' ? undefined : code;
}
