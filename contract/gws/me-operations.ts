import Type from 'typebox';
import { bounds } from '../bounds.ts';
import type { OperationTable } from './operations.ts';

const Name = Type.String({ minLength: 1, maxLength: bounds.nameLength });

const doNotDisturb = {
  DoNotDisturbOn: { summary: 'Asks not to be disturbed.', parameters: Type.Object({}) },
  DoNotDisturbOff: { summary: 'Takes that back.', parameters: Type.Object({}) },
} as const satisfies OperationTable;

/**
 * What an agent can ask for themself: `POST /api/v2/me` (gws-agent-api §2.4, §2.5, §6.1). The agent states of the
 * contact centre are operations here too: see `parseStateOperation`.
 */
export const meOperations = {
  StartContactCenterSession: {
    summary: 'Starts work on the given channels; answers 7 when some of them are not served.',
    parameters: Type.Object({
      channels: Type.Array(Name, { minItems: 1, maxItems: bounds.channelsPerRequest }),
      place: Type.Optional(Name),
      loginCode: Type.Optional(Name),
      queue: Type.Optional(Name),
      queueName: Type.Optional(Name),
      devicePath: Type.Optional(Name),
    }),
  },
  EndContactCenterSession: {
    summary: 'Ends work on all channels and the login session.',
    parameters: Type.Object({}),
  },
  ...doNotDisturb,
} as const satisfies OperationTable;

/** What an agent can ask for one of their channels: `POST /api/v2/me/channels/{channel}` (gws-agent-api §6.1). */
export const channelOperations = { ...doNotDisturb } as const satisfies OperationTable;
