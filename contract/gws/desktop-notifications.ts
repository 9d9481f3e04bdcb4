import Type from 'typebox';
import { Chat } from './chat.ts';
import { ReferenceId } from './primitives.ts';
import { ServiceRecord } from './set-up.ts';

/** The answer to `Subscribe` on a workbin (gws-agent-api §3.7). */
export const WorkbinSubscriptionStateChangeMessage = Type.Object(
  {
    messageType: Type.Literal('WorkbinSubscriptionStateChangeMessage'),
    id: Type.String(),
    workbinUserId: Type.String(),
    stateResource: Type.Literal('Subscribed'),
    referenceId: Type.Optional(ReferenceId),
  },
  { title: 'WorkbinSubscriptionStateChangeMessage' },
);
export type WorkbinSubscriptionStateChangeMessage = Type.Static<typeof WorkbinSubscriptionStateChangeMessage>;

/** A chat was parked, or is parked no more (gws-agent-api §3.7; `ItemRemoved` is ours). */
export const WorkbinStateChangeMessage = Type.Object(
  {
    messageType: Type.Literal('WorkbinStateChangeMessage'),
    action: Type.Enum(['ItemAdded', 'ItemRemoved']),
    id: Type.String(),
    chatStateResourceV2: Chat,
    referenceId: Type.Optional(ReferenceId),
  },
  { title: 'WorkbinStateChangeMessage' },
);
export type WorkbinStateChangeMessage = Type.Static<typeof WorkbinStateChangeMessage>;

/** A part of the contact centre stops or works again (gws-agent-api §8.5). */
export const ServiceStateMessage = Type.Object(
  { messageType: Type.Literal('ServiceState'), services: Type.Array(ServiceRecord) },
  { title: 'ServiceStateMessage' },
);
export type ServiceStateMessage = Type.Static<typeof ServiceStateMessage>;
